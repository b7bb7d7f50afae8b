using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Runs statements of this program amid those of a script, as the account that connected: a script may have taken a role that does not know the history. What it has taken is given
/// back in the same round trip. Both are local to the transaction that is open, or to the one of the round trip, so that what the script set, for itself or for a transaction, stays as it is.
/// </summary>
internal static class PostgreSqlOwnStatements
{
    private const string Remember = "SELECT set_config('deployops.role', current_setting('role'), true), set_config('deployops.login', session_user, true)";
    private const string Leave = "SELECT set_config('session_authorization', $1, true)";
    private const string LeaveRole = "SELECT set_config('role', $1, true)";
    private const string Return = "SELECT set_config('session_authorization', current_setting('deployops.login'), true)";
    private const string ReturnRole = "SELECT set_config('role', current_setting('deployops.role'), true)";

    /// <summary>Runs one with its values.</summary>
    internal static async Task ExecuteOwnAsync(this PostgreSqlSession session, string sql, object?[] values)
    {
        await using var batch = session.Runner.CreateBatch();
        batch.Add(Remember).Add(Leave, session.Account).Add(LeaveRole, session.Role).Add(sql, values).Add(Return).Add(ReturnRole);
        await batch.ExecuteNonQueryAsync(session.Abort);
    }

    /// <summary>Adds a statement with its values, <c>$1</c> and following.</summary>
    internal static NpgsqlBatch Add(this NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        batch.BatchCommands.Add(command);
        return batch;
    }
}

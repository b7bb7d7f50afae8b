using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Tells a pooler that gives every transaction another server process, such as pgbouncer in transaction or statement mode, from the server and from one that keeps the process
/// for the whole session. Locks and settings of a session are lost behind the former.
/// </summary>
internal static class PostgreSqlPooler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Refuses one, and answers the number of the server process that the first connection has.</summary>
    /// <exception cref="DeployOpsException"><c>DatabasePooled</c>.</exception>
    internal static async Task<int> RefuseAsync(PostgreSqlServer server, NpgsqlConnection first, NpgsqlConnection second, CancellationToken cancellationToken)
    {
        var pid = await PidAsync(first, cancellationToken);
        if (pid == first.ProcessID)
        {
            return pid;
        }

        // It is not the server that answered the connection. A transaction of the other one takes the process that was just let go, if it was.
        using var limit = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await second.ExecuteAsync(either.Token, "BEGIN", "SELECT 1");
            if (await PidAsync(first, either.Token) != pid)
            {
                throw Pooled(server, "two statements of one session ran in two server processes");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NpgsqlException && !cancellationToken.IsCancellationRequested)
        {
            throw Pooled(server, "it keeps no transaction, or no server process for a session while another one has a transaction");
        }

        await second.ExecuteAsync(cancellationToken, "ROLLBACK");
        return pid;
    }

    private static async Task<int> PidAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => await connection.ScalarAsync<int>("SELECT pg_backend_pid()", [], cancellationToken);

    private static DeployOpsException Pooled(PostgreSqlServer server, string why) => new(
        "DatabasePooled",
        FaultKind.InvalidOperation,
        $"{server.Place} is a pooler that keeps no session: {why}. A migration's lock and its settings would be lost between statements.",
        "Name the server itself in the connection string, or a pool in session mode.")
    { Target = server.Place };
}

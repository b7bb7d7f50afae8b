using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Asks single queries within the transaction of a script that has run and is not committed; nothing can be changed meanwhile.</summary>
/// <param name="session">Where the script runs.</param>
internal sealed class SqliteOpenTransaction(SqliteSession session) : IValidationTarget
{
    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>.</exception>
    public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sql);
        session.Execute("PRAGMA query_only = ON");
        try
        {
            return Task.FromResult(SqliteValidations.Ask(session, sql, sampleRows, redact));
        }
        catch (SqliteFault fault)
        {
            throw SqliteValidations.Failed(fault.Message);
        }
        finally
        {
            session.Execute("PRAGMA query_only = OFF");
        }
    }
}

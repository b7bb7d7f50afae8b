using DeployOps.Migrations.Validations;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Asks single queries within the transaction of a script that has run and is not committed, read only: each behind a savepoint that is rolled back after it, so that neither
/// the query nor its failure leaves anything.
/// </summary>
/// <param name="session">Where the script runs.</param>
internal sealed class PostgreSqlOpenTransaction(PostgreSqlSession session) : IValidationTarget
{
    // As the queries are asked after the commit, by a session of their own. What is rolled back brings the script's settings back.
    private static readonly string[] AsAnew = ["RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET search_path", "RESET row_security"];

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>.</exception>
    public async Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        await session.RunAsync(() => session.Runner.ExecuteAsync(CancellationToken.None, ["SAVEPOINT deployops_verify", .. AsAnew, "SET LOCAL transaction_read_only = on", .. PostgreSqlSettings.Texts.Select(text => text.Replace("SET ", "SET LOCAL ", StringComparison.Ordinal))]));
        try
        {
            return await session.RunAsync(() => PostgreSqlValidations.AskOneAsync(session.Runner, sql, sampleRows, redact, cancellationToken));
        }
        catch (PostgresException e) when (!PostgreSqlErrors.IsLost(e))
        {
            throw PostgreSqlValidations.Failed(PostgreSqlErrors.Words(e));
        }
        finally
        {
            if (session.Runner.State == System.Data.ConnectionState.Open)
            {
                await session.Runner.ExecuteAsync(CancellationToken.None, "ROLLBACK TO SAVEPOINT deployops_verify", "RELEASE SAVEPOINT deployops_verify");
            }
        }
    }
}

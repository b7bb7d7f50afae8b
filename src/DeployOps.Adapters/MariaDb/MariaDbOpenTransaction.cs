using DeployOps.Migrations.Validations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Asks single queries within the transaction of a script that has run and is not committed: each behind a savepoint that is rolled back after it, so that neither what a query
/// calls nor its failure leaves anything. A deadlock ends the whole transaction, and the savepoint with it: that is what is told then, and the script is run again for it.
/// </summary>
/// <param name="session">Where the script runs.</param>
internal sealed class MariaDbOpenTransaction(MariaDbSession session) : IValidationTarget
{
    private const string Mark = "deployops_verify";

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>.</exception>
    public async Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        var query = MariaDbValidations.Query(sql);
        await session.RunAsync(BeginAsync);
        QueryAnswer answer;
        try
        {
            answer = await session.RunAsync(() => MariaDbValidations.AskAsync(session.Runner, query, sampleRows, redact, cancellationToken));
        }
        catch (MySqlException e) when (!MariaDbErrors.IsLost(e))
        {
            // Where the transaction has ended with the query, nothing of the script is there to be judged.
            if (!await IsTakenBackAsync() || MariaDbErrors.MayPass(e))
            {
                throw;
            }

            throw MariaDbValidations.Failed(MariaDbErrors.Words(e));
        }
        catch when (session.Runner.State == System.Data.ConnectionState.Open)
        {
            await IsTakenBackAsync();
            throw;
        }

        await TakeBackAsync();
        return answer;
    }

    // False where the savepoint is gone, with its transaction.
    private async Task<bool> IsTakenBackAsync()
    {
        try
        {
            await TakeBackAsync();
            return true;
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.StoredProcedureDoesNotExist)
        {
            return false;
        }
    }

    private Task TakeBackAsync() => session.Runner.ExecuteAsync(CancellationToken.None, $"ROLLBACK TO SAVEPOINT {Mark}", $"RELEASE SAVEPOINT {Mark}");

    // As the queries are asked after the commit, by a session of their own; nothing of the script comes after them.
    private async Task<bool> BeginAsync()
    {
        await session.Runner.ExecuteAsync(
            CancellationToken.None,
            $"USE {MariaDbNames.Quote(session.Server.Database)}",
            "SET SESSION sql_mode = @@GLOBAL.sql_mode, time_zone = '+00:00', sql_select_limit = DEFAULT, sql_safe_updates = 0, group_concat_max_len = @@GLOBAL.group_concat_max_len, foreign_key_checks = 1",
            $"SAVEPOINT {Mark}");
        return true;
    }
}

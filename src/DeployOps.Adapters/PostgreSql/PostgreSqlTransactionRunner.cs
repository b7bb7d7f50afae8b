using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Runs a script and its history row in one transaction, and as a whole again where it met a lock, a deadlock or a serialisation failure.</summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="appliedBy">Who applies it.</param>
/// <param name="beforeCommit">A last look before it is committed; null for none.</param>
internal sealed class PostgreSqlTransactionRunner(PostgreSqlSession session, MigrationScript script, string appliedBy, Func<IValidationTarget, CancellationToken, Task>? beforeCommit)
{
    // Enough to hide the round trips; a failure is found among them by the driver.
    private const int LongestRun = 250;
    private const int LongestSmallStatement = 8 * 1024;
    private readonly List<SqlStatement> waiting = [];
    private readonly List<PostgreSqlIndex> mayExist = [];
    private int statements;

    /// <summary>Runs it.</summary>
    /// <exception cref="DeployOpsException">Why it did not succeed; nothing of the script is left.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing of the script is left.</exception>
    internal async Task RunAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync();
                return;
            }
            catch (PostgreSqlScriptFault fault)
            {
                var trip = session.Watch.TakeTrip(fault.Cause);
                if (attempt >= session.Pace.Tries || !PostgreSqlErrors.MayPass(fault.Cause, trip))
                {
                    throw PostgreSqlScriptErrors.Of(script, fault, trip, attempt, session.Blockers, "Nothing of the script is left.");
                }

                await PostgreSqlPause.AfterAsync(session, attempt);
            }
        }
    }

    private async Task AttemptAsync()
    {
        waiting.Clear();
        mayExist.Clear();
        statements = 0;
        try
        {
            await session.SetUpAsync();
            await session.RunAsync(() => session.Runner.ExecuteAsync(CancellationToken.None, "BEGIN"));
            var (run, transaction) = await BeginAsync();
            await RunScriptAsync();
            await RefuseInvalidIndexesAsync();
            await (beforeCommit?.Invoke(new PostgreSqlOpenTransaction(session), session.Token) ?? Task.CompletedTask);
            await EndAsync(run, transaction);
        }
        catch (Npgsql.NpgsqlException e)
        {
            await session.RollbackAsync();
            throw new PostgreSqlScriptFault(e, null);
        }
        catch
        {
            await session.RollbackAsync();
            throw;
        }

        await CommitAsync();
    }

    private Task<(long Run, long Transaction)> BeginAsync() => session.RunAsync(async () =>
    {
        await PostgreSqlHistory.EnsureAsync(session.Runner, CancellationToken.None);
        await PostgreSqlHistory.RefuseAsync(session.Runner, script, CancellationToken.None);
        await PostgreSqlRun.RefuseBegunAsync(session.Runner, script);
        var run = await PostgreSqlHistory.BeginAsync(session.Runner, script, appliedBy, transactional: true, session.Time.GetUtcNow(), CancellationToken.None);
        return (run, await TransactionAsync());
    });

    private async Task RunScriptAsync()
    {
        using var text = new StringReader(script.Sql);
        foreach (var statement in SqlStatements.Read(text, SqlDialect.PostgreSql))
        {
            statements++;
            session.Watch.Statement = statements;
            if (IsSmall(statement))
            {
                waiting.Add(statement);
                if (waiting.Count >= LongestRun)
                {
                    await SendAsync();
                }
            }
            else
            {
                await SendAsync();
                mayExist.AddRange(PostgreSqlIndex.Of(statement) is { MayExist: true, Name: not null } index ? [index] : []);
                await (statement.CopyLines is { } lines ? session.CopyAsync(statement, lines) : session.RunAsync(statement));
            }
        }

        await SendAsync();
    }

    private async Task SendAsync()
    {
        if (waiting.Count > 0)
        {
            await session.RunAsync([.. waiting]);
            waiting.Clear();
        }
    }

    private async Task RefuseInvalidIndexesAsync()
    {
        var indexes = new PostgreSqlIndexes(session);
        foreach (var index in mayExist)
        {
            if (await indexes.IsValidAsync(index) == false)
            {
                throw PostgreSqlScriptErrors.InvalidIndex(script, index, "Nothing of the script is left.");
            }
        }
    }

    // The script may have taken another role, which need not know the history.
    private Task EndAsync(long run, long transaction) => session.RunAsync(async () =>
    {
        if (await TransactionAsync() != transaction)
        {
            throw PostgreSqlScriptErrors.EndedTransaction(script);
        }

        await session.Runner.ExecuteAsync(CancellationToken.None, "RESET SESSION AUTHORIZATION", "RESET ROLE");
        await PostgreSqlHistory.FinishAsync(session.Runner, run, script, statements, session.Time.GetUtcNow(), CancellationToken.None);
        return true;
    });

    // From here on nothing interrupts, so that what is reported is what happened.
    private async Task CommitAsync()
    {
        try
        {
            session.Token.ThrowIfCancellationRequested();
            await session.Runner.ExecuteAsync(CancellationToken.None, "COMMIT");
        }
        catch (Npgsql.NpgsqlException e) when (PostgreSqlErrors.IsLost(e))
        {
            throw PostgreSqlScriptErrors.LostAtCommit(script, e);
        }
        catch (Npgsql.NpgsqlException e)
        {
            await session.RollbackAsync();
            throw new PostgreSqlScriptFault(e, null);
        }
        catch (OperationCanceledException)
        {
            await session.RollbackAsync();
            throw;
        }
    }

    private Task<long> TransactionAsync() => session.Runner.ScalarAsync<long>("SELECT txid_current()", [], CancellationToken.None);

    private static bool IsSmall(SqlStatement statement) => statement.CopyLines is null && statement.Text.Length <= LongestSmallStatement
        && (statement.Begins("INSERT") || statement.Begins("UPDATE") || statement.Begins("DELETE") || statement.Begins("SELECT"));
}

using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Runs a script outside of a transaction, a statement at a time, and goes on where an earlier run was interrupted. A statement that can be in a transaction is in one
/// together with the record of it, so that it is done once; one that cannot is recorded before and after.
/// </summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="appliedBy">Who applies it.</param>
/// <param name="standing">Told how far it has come.</param>
internal sealed class PostgreSqlStatementRunner(PostgreSqlSession session, MigrationScript script, string appliedBy, PostgreSqlStanding standing)
{
    private readonly List<(int Number, SqlStatement Statement, long Rows)> ofOwnTransaction = [];
    private bool inOwnTransaction;
    private bool setsLockTimeout;
    private PostgreSqlRun run = null!;

    /// <summary>Runs it.</summary>
    /// <exception cref="DeployOpsException">Why it did not succeed, and what of it is left.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; its message says what of it is left.</exception>
    internal async Task RunAsync()
    {
        var number = 0;
        try
        {
            await BeginAsync();
            using var text = new StringReader(script.Sql);
            foreach (var statement in SqlStatements.Read(text, SqlDialect.PostgreSql))
            {
                number++;
                session.Watch.Statement = number;
                setsLockTimeout |= statement.SetsLockTimeout();
                await (run.IsDone(number, statement) ? RepeatSettingAsync(statement) : RunAsync(number, statement));
            }

            await EndAsync(number);
        }
        catch (PostgreSqlScriptFault fault)
        {
            throw PostgreSqlScriptErrors.Of(script, fault, session.Watch.TakeTrip(fault.Cause), 1, session.Blockers, standing.Left);
        }
        catch (OperationCanceledException e) when (session.Token.IsCancellationRequested)
        {
            await session.RollbackAsync();
            throw new OperationCanceledException($"{script.FileName} was stopped. {standing.Left}", e, session.Token);
        }
    }

    private async Task BeginAsync()
    {
        try
        {
            await session.SetUpAsync();
            await session.RunAsync(async () =>
            {
                await PostgreSqlHistory.EnsureAsync(session.Runner, CancellationToken.None);
                await PostgreSqlHistory.RefuseAsync(session.Runner, script, CancellationToken.None);
                run = await PostgreSqlRun.BeginAsync(session.Runner, script, appliedBy, session.Time.GetUtcNow());
                return true;
            });
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlScriptErrors.Of(script, new PostgreSqlScriptFault(e, null), 1, session.Blockers, standing.Left);
        }
    }

    private async Task RepeatSettingAsync(SqlStatement statement)
    {
        if (statement.IsSetting())
        {
            await session.RunAsync(statement);
        }
    }

    private async Task RunAsync(int number, SqlStatement statement)
    {
        var first = ofOwnTransaction.Count == 0 ? number : ofOwnTransaction[0].Number;
        if (!inOwnTransaction)
        {
            standing.Waits(number, statement.Line);
            await session.Watch.PassGateAsync($"statement {number}", () => standing.Left, session.Token);
        }

        standing.Begins(number, statement.Line, first - 1, first, !inOwnTransaction && statement.RunsAlone());
        var repetition = statement.Repetition is null ? null : new PostgreSqlRepetition(session, script, run, standing);
        for (var (attempt, rounds) = (1, 0); ; attempt++)
        {
            try
            {
                await (repetition is not null ? repetition.RunAsync(number, statement)
                    : inOwnTransaction || statement.OpensTransaction() ? InOwnTransactionAsync(number, statement)
                    : statement.RunsAlone() ? AloneAsync(number, statement)
                    : TogetherAsync(number, statement));
                return;
            }
            catch (PostgreSqlScriptFault fault)
            {
                // What a round met is no reason against the rounds after it.
                (attempt, rounds) = repetition is { Rounds: var now } && now > rounds ? (1, now) : (attempt, rounds);
                await FailedAsync(number, statement, fault, session.Watch.TakeTrip(fault.Cause), attempt);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlScriptErrors.Of(script, new PostgreSqlScriptFault(e, statement.Line), attempt, session.Blockers, standing.Left);
            }
        }
    }

    // Returns where another try may help. What ran alone and is no index work may have committed some of it: it is not tried again.
    private async Task FailedAsync(int number, SqlStatement statement, PostgreSqlScriptFault fault, MigrationTrip? trip, int attempt)
    {
        var removed = "";
        var wasInOwn = inOwnTransaction;
        inOwnTransaction = false;
        if (!PostgreSqlErrors.IsLost(fault.Cause))
        {
            await session.RollbackAsync();
            var left = wasInOwn ? [] : await new PostgreSqlIndexes(session).RemoveLeftAsync(statement, run.InvalidBefore);
            removed = left.Count == 0 ? "" : $" The invalid index {string.Join(", ", left)} that it left was dropped.";
            if (!wasInOwn)
            {
                await run.RecordAsync(session.Runner, number, statement, "failed", fault: fault.Cause);
            }

            standing.Fails();
        }

        // The rows that follow a COPY in the script are read once.
        if (wasInOwn || statement.CopyLines is not null || attempt >= session.Pace.Tries || !PostgreSqlErrors.MayPass(fault.Cause, trip) || (statement.RunsAlone() && !statement.IsConcurrent()))
        {
            throw PostgreSqlScriptErrors.Of(script, fault, trip, attempt, session.Blockers, standing.Left + removed);
        }

        await PostgreSqlPause.AfterAsync(session, attempt);
    }

    private async Task InOwnTransactionAsync(int number, SqlStatement statement)
    {
        if (inOwnTransaction && statement.Commits())
        {
            // The records are committed with what they tell of, or neither is; also those that a savepoint took back with its statements.
            ofOwnTransaction.Add((number, statement, 0));
            await RecordOwnAsync();
            await session.RunAsync(statement);
            inOwnTransaction = statement.Chains();
            ofOwnTransaction.Clear();
            return;
        }

        var rows = statement.CopyLines is { } lines ? await session.CopyAsync(statement, lines) : await session.RunAsync(statement);
        if (inOwnTransaction && statement.RollsBack())
        {
            inOwnTransaction = statement.Chains();
            ofOwnTransaction.Add((number, statement, 0));
            await RecordOwnAsync();
            ofOwnTransaction.Clear();
            return;
        }

        inOwnTransaction = true;
        ofOwnTransaction.Add((number, statement, rows));
        await RecordAsync(number, statement, "done", rows);
    }

    private async Task RecordOwnAsync()
    {
        foreach (var (number, statement, rows) in ofOwnTransaction)
        {
            await RecordAsync(number, statement, "done", rows);
        }
    }

    private async Task TogetherAsync(int number, SqlStatement statement)
    {
        await session.RunAsync(() => session.Runner.ExecuteAsync(CancellationToken.None, "BEGIN"));
        try
        {
            var rows = statement.CopyLines is { } lines ? await session.CopyAsync(statement, lines) : await session.RunAsync(statement);
            await RecordAsync(number, statement, "done", rows);
            await session.CommitAsync(statement);
        }
        catch (PostgreSqlScriptFault fault) when (fault.Cause.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination)
        {
            await session.RollbackAsync();
            await AloneAsync(number, statement);
        }
    }

    private async Task AloneAsync(int number, SqlStatement statement)
    {
        if (run.IsUnknown(number) && await new PostgreSqlAftermath(session, script, run).TookEffectAsync(number, statement))
        {
            await RecordAsync(number, statement, "done");
            return;
        }

        var index = PostgreSqlIndex.Of(statement);
        if (index is not null)
        {
            await new PostgreSqlIndexes(session).ClearAsync(index);
        }

        await RecordAsync(number, statement, "running");
        var rows = await WithPatienceAsync(statement);
        session.Watch.Forgive();
        if (index?.Name is not null && await new PostgreSqlIndexes(session).IsValidAsync(index) != true)
        {
            throw PostgreSqlScriptErrors.InvalidIndex(script, index, standing.Left);
        }

        if (statement.Begins("DISCARD", "ALL"))
        {
            // It discarded the lock and the settings too.
            await PostgreSqlRunnerLock.TakeAsync(session);
            await session.SetUpAsync();
        }

        await RecordAsync(number, statement, "done", rows);
    }

    // What works beside writers stops nobody while it waits, and fails for the sake of any old transaction if it may not.
    private async Task<long> WithPatienceAsync(SqlStatement statement)
    {
        if (setsLockTimeout || !statement.IsConcurrent())
        {
            return await session.RunAsync(statement);
        }

        await session.RunAsync(() => session.Runner.ExecuteAsync(CancellationToken.None, "SET lock_timeout = 0"));
        try
        {
            return await session.RunAsync(statement);
        }
        finally
        {
            if (session.Runner.State == System.Data.ConnectionState.Open)
            {
                await session.Runner.ExecuteAsync(CancellationToken.None, $"SET lock_timeout = {PostgreSqlSettings.Milliseconds(session.Pace.LockTimeout)}");
            }
        }
    }

    private Task RecordAsync(int number, SqlStatement statement, string state, long rows = 0) => session.RunAsync(async () =>
    {
        await run.RecordAsync(session.Runner, number, statement, state, rows);
        return true;
    });

    private async Task EndAsync(int statements)
    {
        if (await session.IsInTransactionAsync())
        {
            await session.RollbackAsync();
            throw PostgreSqlScriptErrors.OpenTransaction(script, standing.Left);
        }

        try
        {
            await session.Runner.ExecuteAsync(CancellationToken.None, "BEGIN");
            await PostgreSqlHistory.FinishAsync(session.Runner, run.Id, script, statements, session.Time.GetUtcNow(), CancellationToken.None);
            await session.Runner.ExecuteAsync(CancellationToken.None, "COMMIT");
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlScriptErrors.Of(script, new PostgreSqlScriptFault(e, null), 1, session.Blockers, "Every statement of it is in effect; the next run records it.");
        }
    }
}

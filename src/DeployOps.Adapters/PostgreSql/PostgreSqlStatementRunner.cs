using DeployOps.Adapters.Watching;
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
/// <param name="planned">What it was planned by.</param>
/// <param name="standing">Told how far it has come.</param>
internal sealed class PostgreSqlStatementRunner(PostgreSqlSession session, MigrationScript script, string appliedBy, PlannedHistory planned, ScriptStanding standing)
{
    private readonly PostgreSqlOwnTransaction own = new();
    private readonly PostgreSqlSessionState state = new();
    private bool ranAlone;
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
            foreach (var statement in script.Statements(SqlDialect.PostgreSql))
            {
                number++;
                session.Meets(statement);
                session.Watch.Statement = number;
                setsLockTimeout |= statement.SetsLockTimeout();
                var begun = await run.FindAsync(number, statement);
                await (begun is { IsDone: true } ? RepeatSettingAsync(statement) : RunAsync(number, statement, begun));
            }

            await EndAsync(number);
        }
        catch (PostgreSqlScriptFault fault)
        {
            throw PostgreSqlScriptErrors.Of(script, fault, session.Watch.TakeTrip(fault.WasCancelled), 1, session.Blockers, standing.Left);
        }
        catch (DeployOpsException e) when (e.ErrorId is "MigrationScriptChanged" or "SqlFileUnreadable")
        {
            await session.RollbackAsync();
            throw new DeployOpsException(e.ErrorId, e.Kind, $"{e.Fact.TrimEnd('.')}. {standing.Left}", e.NextStep, e) { Target = script.FileName };
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
            await session.RunAsync(async () =>
            {
                await PostgreSqlHistory.EnsureAsync(session.Runner, session.Abort);
                await PostgreSqlHistory.RefuseAsync(session.Runner, script, session.Abort);
                planned.Require(script, await PostgreSqlHistory.EndAsync(session.Runner, session.Abort));
                run = await PostgreSqlRun.BeginAsync(session, script, appliedBy, script.Class(SqlDialect.PostgreSql).Statements);
                planned.Adds(run.Id);
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
        if (state.IsAgain(statement))
        {
            await session.RunAsync(statement);
            await TakeBackDiscardedAsync(statement);
        }
    }

    // What the other run had in its session is not in this one.
    private void RefuseLost(SqlStatement statement)
    {
        if (state.Missing(statement) is { } why)
        {
            throw PostgreSqlScriptErrors.Interrupted(
                script, statement.Line, why, "Take back by hand what is in effect and delete its row from deployops.migration; then keep what is of a session out of the script, or keep it and what needs it between BEGIN and COMMIT.");
        }
    }

    // It discarded the lock and the settings too.
    private async Task TakeBackDiscardedAsync(SqlStatement statement)
    {
        if (statement.Begins("DISCARD", "ALL"))
        {
            await PostgreSqlRunnerLock.TakeAsync(session);
        }
    }

    private async Task RunAsync(int number, SqlStatement statement, PostgreSqlBegunStatement? begun)
    {
        RefuseLost(statement);
        var first = own.First ?? number;
        if (!own.IsOpen)
        {
            standing.Waits(number, statement.Line);
            await session.Watch.PassGateAsync($"statement {number}", () => standing.Left, session.Token);
        }

        standing.Begins(number, statement.Line, first - 1, first, !own.IsOpen && statement.RunsAlone());
        var repetition = statement.Repetition is null ? null : new PostgreSqlRepetition(session, script, run, standing);
        for (var (attempt, rounds) = (1, 0); ; attempt++)
        {
            try
            {
                await (repetition is not null ? repetition.RunAsync(number, statement)
                    : own.IsOpen || statement.OpensTransaction() ? InOwnTransactionAsync(number, statement)
                    : statement.RunsAlone() || begun is { IsUnknown: true } ? AloneAsync(number, statement, begun)
                    : TogetherAsync(number, statement));
                return;
            }
            catch (PostgreSqlScriptFault fault)
            {
                // What a round met is no reason against the rounds after it.
                (attempt, rounds) = repetition is { Rounds: var now } && now > rounds ? (1, now) : (attempt, rounds);
                await FailedAsync(number, statement, fault, session.Watch.TakeTrip(fault.WasCancelled), attempt);
                begun = null;
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlScriptErrors.Of(script, new PostgreSqlScriptFault(e, statement.Line), attempt, session.Blockers, standing.Left);
            }
        }
    }

    // Returns where another try may help. What may have committed a part of itself is never tried again, and stays unknown until somebody has looked.
    private async Task FailedAsync(int number, SqlStatement statement, PostgreSqlScriptFault fault, MigrationTrip? trip, int attempt)
    {
        var notes = "";
        var wasInOwn = own.IsOpen;
        var mayBeInPart = ranAlone && statement.MayCommitWithin() && !fault.IsBeforeRun;
        own.Close();
        ranAlone = false;
        if (mayBeInPart)
        {
            standing.FailsWithin();
        }

        if (!PostgreSqlErrors.IsLost(fault.Cause))
        {
            await session.RollbackAsync();
            if (!mayBeInPart)
            {
                standing.Fails();
            }

            notes = wasInOwn ? "" : await TidyUpAsync(number, statement, fault, mayBeInPart ? "running" : "failed");
        }

        // The rows that follow a COPY in the script are read once.
        if (mayBeInPart || wasInOwn || statement.CopyLines is not null || attempt >= session.Pace.Tries || !PostgreSqlErrors.MayPass(fault.Cause, trip) || (statement.RunsAlone() && !statement.IsConcurrent()))
        {
            throw PostgreSqlScriptErrors.Of(script, fault, trip, attempt, session.Blockers, standing.Left + notes);
        }

        await ScriptPause.AfterAsync(session.Pace, attempt, session.Time, session.Token);
    }

    // What goes wrong here is told beside the reason and never instead of it.
    private async Task<string> TidyUpAsync(int number, SqlStatement statement, PostgreSqlScriptFault fault, string state)
    {
        var notes = "";
        try
        {
            var left = await new PostgreSqlIndexes(session).RemoveLeftAsync(statement, run.InvalidBefore);
            notes = left.Count == 0 ? "" : $" The invalid index {string.Join(", ", left)} that it left was dropped.";
        }
        catch (Exception e) when (e is NpgsqlException or PostgreSqlScriptFault or OperationCanceledException)
        {
            notes = $" An invalid index that it left could not be dropped ({Words(e)}): drop it with DROP INDEX CONCURRENTLY, or let the next run do it.";
        }

        try
        {
            await run.RecordAsync(number, statement.Line, statement.CopyLines is null ? PostgreSqlStatementHash.Of(statement) : "", state, fault: fault.Cause);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            notes += $" That could not be recorded ({Words(e)}).";
        }

        return notes;
    }

    private static string Words(Exception e) => e is NpgsqlException fault ? PostgreSqlErrors.Words(fault) : e.Message.TrimEnd('.');

    private async Task InOwnTransactionAsync(int number, SqlStatement statement)
    {
        if (own.IsOpen && statement.Commits())
        {
            // The records are committed with what they tell of, or neither is; also those that a savepoint took back with its statements.
            await RecordAsync(number, statement.Line, PostgreSqlStatementHash.Of(statement), 0);
            foreach (var taken in own.AfterSavepoint)
            {
                await RecordAsync(taken.Number, taken.Line, taken.Hash, taken.Rows);
            }

            await session.RunAsync(statement);
            own.Ends(number, statement.Chains());
            return;
        }

        var (rows, hash) = await SendAsync(number, statement);
        if (own.IsOpen && statement.RollsBack())
        {
            // Nothing of it is in effect, so that nothing of it is recorded: a run that goes on does nothing once more.
            own.Ends(number, statement.Chains());
            return;
        }

        own.Adds(number, statement, hash, rows);
        await RecordAsync(number, statement.Line, hash, rows);
    }

    private async Task TogetherAsync(int number, SqlStatement statement)
    {
        await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, "BEGIN"));
        try
        {
            if (!setsLockTimeout && statement.OnlyValidates())
            {
                await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, PostgreSqlSettings.Patient));
            }

            var (rows, hash) = await SendAsync(number, statement);
            await RecordAsync(number, statement.Line, hash, rows);
            await session.CommitAsync(statement);
        }
        catch (PostgreSqlScriptFault fault) when (fault.Cause.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination)
        {
            await session.RollbackAsync();
            await AloneAsync(number, statement, null);
        }
    }

    private async Task<(long Rows, string Hash)> SendAsync(int number, SqlStatement statement)
    {
        if (statement.CopyLines is not { } lines)
        {
            return (await session.TraceAsync(number, statement, () => session.RunAsync(statement)), PostgreSqlStatementHash.Of(statement));
        }

        using var hash = new PostgreSqlStatementHash(statement);
        var rows = await session.TraceAsync(number, statement, () => session.CopyAsync(statement, hash.Pass(lines)));
        return (rows, hash.End());
    }

    private async Task AloneAsync(int number, SqlStatement statement, PostgreSqlBegunStatement? begun)
    {
        var hash = PostgreSqlStatementHash.Of(statement);
        if (begun is { IsUnknown: true } && await new PostgreSqlAftermath(session, script, run).TookEffectAsync(number, statement, begun))
        {
            await RecordDoneAsync(number, statement.Line, hash, 0);
            return;
        }

        var index = PostgreSqlIndex.Of(statement);
        if (index is not null)
        {
            await new PostgreSqlIndexes(session).ClearAsync(index);
        }

        // Over one of that name the server refuses it. Recorded as running, an interruption would have the next run take that one for its own.
        var isRefused = index is { Name: not null, MayExist: false } && await new PostgreSqlIndexes(session).IsValidAsync(index) is not null;
        if (!isRefused)
        {
            await session.RunAsync(() => RecordedAsync(number, statement.Line, hash, "running", 0));
        }

        ranAlone = true;
        standing.RunsAlone();
        var rows = await session.TraceAsync(number, statement, () => WithPatienceAsync(statement), isOutside: true);
        ranAlone = false;
        session.Watch.Forgive();
        if (index?.Name is not null && await new PostgreSqlIndexes(session).IsValidAsync(index) == false)
        {
            throw PostgreSqlScriptErrors.InvalidIndex(script, index, standing.Left);
        }

        await RecordDoneAsync(number, statement.Line, hash, rows);
        await TakeBackDiscardedAsync(statement);
    }

    // It is done: whoever wants to stop the script, a person or the watch by a look of before, stops what comes after.
    private async Task RecordDoneAsync(int number, int line, string hash, long rows)
    {
        await PostgreSqlSession.SettleAsync(() => RecordedAsync(number, line, hash, "done", rows));
        session.Watch.Forgive();
    }

    // What works beside writers stops nobody while it waits, and fails for the sake of any old transaction if it may not.
    private async Task<long> WithPatienceAsync(SqlStatement statement)
    {
        if (setsLockTimeout || !statement.IsConcurrent())
        {
            return await session.RunAsync(statement);
        }

        await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, "SET lock_timeout = 0"));
        try
        {
            return await session.RunAsync(statement);
        }
        finally
        {
            await BeImpatientAsync();
        }
    }

    // What the statement ended with is what is told: where the setting cannot be made, the connection is gone, or the next statement waits for longer.
    private async Task BeImpatientAsync()
    {
        try
        {
            if (session.Runner.State == System.Data.ConnectionState.Open)
            {
                await session.Runner.ExecuteAsync(session.Abort, $"SET lock_timeout = {PostgreSqlSettings.Milliseconds(session.Pace.LockTimeout)}");
            }
        }
        catch (NpgsqlException e) when (PostgreSqlErrors.IsLost(e) || e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            session.Watch.Blames($"lock_timeout could not be set back: {PostgreSqlErrors.Words(e)}");
        }
    }

    private Task RecordAsync(int number, int line, string hash, long rows) => session.RunAsync(() => RecordedAsync(number, line, hash, "done", rows));

    private async Task<bool> RecordedAsync(int number, int line, string hash, string state, long rows)
    {
        await run.RecordAsync(number, line, hash, state, rows);
        return true;
    }

    private async Task EndAsync(int statements)
    {
        if (await session.IsInTransactionAsync())
        {
            await session.RollbackAsync();
            throw PostgreSqlScriptErrors.OpenTransaction(script, standing.Left);
        }

        try
        {
            await session.Runner.ExecuteAsync(session.Abort, "BEGIN");
            await PostgreSqlHistory.FinishAsync(session.Runner, run.Id, script, statements, session.Time.GetUtcNow(), null, session.Abort);
            await session.CommitAsync();
            session.HasHistory = true;
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlScriptErrors.Of(script, new PostgreSqlScriptFault(e, null), 1, session.Blockers, "Every statement of it is in effect; the next run records it.");
        }
    }
}

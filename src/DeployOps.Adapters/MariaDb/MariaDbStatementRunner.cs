using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Runs a script a statement at a time, and goes on where an earlier run was interrupted. What changes rows is in a transaction together with the record of it, so that it is
/// done once; what commits by itself, as every definition does, is recorded before and after.
/// </summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="appliedBy">Who applies it.</param>
/// <param name="planned">What it was planned by.</param>
/// <param name="withoutTransactions">The tables whose engine knows none, before the script.</param>
/// <param name="standing">Told how far it has come.</param>
internal sealed class MariaDbStatementRunner(MariaDbSession session, MigrationScript script, string appliedBy, PlannedHistory planned, IReadOnlySet<string> withoutTransactions, ScriptStanding standing)
{
    private readonly MariaDbHistory history = new(session.Server.Database);
    private readonly MariaDbOwnTransaction own = new();
    private IReadOnlySet<string> loose = withoutTransactions;
    private readonly MariaDbSettings settings = new();
    private (int Number, SqlStatement Statement)? current;
    private bool isLooseOld;
    private bool hasInserted;
    private MariaDbRun run = null!;

    /// <summary>Runs it.</summary>
    /// <exception cref="DeployOpsException">Why it did not succeed, and what of it is left.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; its message says what of it is left.</exception>
    internal async Task RunAsync()
    {
        var number = 0;
        try
        {
            await BeginAsync();
            foreach (var statement in script.Statements(session))
            {
                number++;
                session.Watch.Statement = number;
                current = (number, statement);
                if (!run.Knows(number))
                {
                    await session.RunAsync(() => TurnToAsync(number));
                }

                await (run.IsDone(number, statement) ? RepeatSettingAsync(statement) : RunAsync(number, statement));
            }

            await EndAsync(number);
        }
        catch (MariaDbScriptFault fault)
        {
            throw MariaDbScriptErrors.Of(script, fault, session.Watch.TakeTrip(fault.WasCancelled), 1, session.Blockers, standing.Left);
        }
        catch (OperationCanceledException e) when (session.Token.IsCancellationRequested)
        {
            await TakeBackAsync();
            throw new OperationCanceledException($"{script.FileName} was stopped. {standing.Left}", e, session.Token);
        }
    }

    // What an engine without transactions keeps is neither done nor not begun: the record says so to the next run, at the statement it would begin with.
    private async Task<bool> TakeBackAsync()
    {
        if (await session.RollbackAsync())
        {
            return true;
        }

        var isRepeated = current is { } one && one.Statement.Repetition is not null;
        if (current is { } last && !isRepeated)
        {
            await run.RecordAsync(session.Runner, own.First is { } first ? first with { Rows = 0 } : Done(last.Number, last.Statement), "running");
        }

        standing.Keeps("What it wrote to tables of engines without transactions could not be rolled back and stays.", !isRepeated);
        return false;
    }

    private async Task BeginAsync()
    {
        try
        {
            await session.SetUpAsync();
            await session.RunAsync(async () =>
            {
                await history.EnsureAsync(session.Runner, CancellationToken.None);
                await history.RefuseAsync(session.Runner, script, planned, CancellationToken.None);
                run = await MariaDbRun.BeginAsync(session.Runner, history, script, appliedBy, session.Time.GetUtcNow());
                planned.Adds(run.Id);
                return true;
            });
        }
        catch (MySqlException e)
        {
            throw MariaDbScriptErrors.Of(script, new MariaDbScriptFault(e, null), null, 1, session.Blockers, standing.Left);
        }
    }

    private async Task RepeatSettingAsync(SqlStatement statement)
    {
        if (statement.MakesTemporary())
        {
            throw ScriptErrors.Interrupted(
                script, statement.Line, "it made a temporary table, which ended with the run that was interrupted", "Take back by hand what is in effect and delete its row from deployops_migration, or make a table that stays and drop it in the end.");
        }

        if (settings.IsAgain(statement))
        {
            await session.RunAsync(statement);
        }
    }

    // What the other run read into a variable, or made of its clock, is not the same now.
    private void RefuseLostSetting(SqlStatement statement)
    {
        if (settings.HasLostSetting)
        {
            throw ScriptErrors.Interrupted(
                script, statement.Line, "a setting that an earlier run made of more than constants ended with its session", "Take back by hand what is in effect and delete its row from deployops_migration; then set it to a constant and run again.");
        }

        if (settings.Missing(statement) is { } what)
        {
            throw ScriptErrors.Interrupted(
                script, statement.Line, $"it needs {what} of a statement that an earlier run did", "Write the value in its place, set it anew before it, or keep both between BEGIN and COMMIT.");
        }
    }

    private async Task RunAsync(int number, SqlStatement statement)
    {
        RefuseLostNumber(statement);
        RefuseLostSetting(statement);
        await LookAtEnginesAsync(statement);
        if (own.IsOpen && statement.RunsAlone())
        {
            // It commits what the script began, with the records of it.
            await RecordAsync(own.AfterSavepoint);
            await session.RunAsync(() => session.Runner.ExecuteAsync("COMMIT", [], CancellationToken.None));
            own.Ends(chains: false);
        }

        var first = own.First?.Number ?? number;
        if (!own.IsOpen)
        {
            standing.Waits(number, statement.Line);
            await session.Watch.PassGateAsync($"statement {number}", () => standing.Left, session.Token);
        }

        session.HoldsFromNow(isNew: !own.IsOpen);
        standing.Begins(number, statement.Line, first - 1, first, !own.IsOpen && RunsAlone(statement));
        var repetition = statement.Repetition is null ? null : new MariaDbRepetition(session, script, run, standing);
        for (var (attempt, rounds) = (1, 0); ; attempt++)
        {
            try
            {
                await (repetition is not null ? repetition.RunAsync(number, statement)
                    : own.IsOpen || statement.OpensTransaction() ? InOwnTransactionAsync(number, statement)
                    : RunsAlone(statement) ? AloneAsync(number, statement)
                    : TogetherAsync(number, statement));
                return;
            }
            catch (MariaDbScriptFault fault)
            {
                // What a round met is no reason against the rounds after it.
                (attempt, rounds) = repetition is { Rounds: var now } && now > rounds ? (1, now) : (attempt, rounds);
                await FailedAsync(number, statement, fault, session.Watch.TakeTrip(fault.WasCancelled), attempt);
            }
            catch (MySqlException e)
            {
                throw MariaDbScriptErrors.Of(script, new MariaDbScriptFault(e, statement.Line), null, attempt, session.Blockers, standing.Left);
            }
        }
    }

    private bool RunsAlone(SqlStatement statement) => statement.RunsAlone() || statement.Names(loose);

    private bool MayBeHalfDone(SqlStatement statement) => statement.MayBeHalfDone() || statement.Names(loose);

    // A definition may have made such a table, or changed one's engine.
    private async Task LookAtEnginesAsync(SqlStatement statement)
    {
        if (statement.RunsAlone())
        {
            isLooseOld = true;
        }
        else if (isLooseOld)
        {
            loose = await session.RunAsync(() => MariaDbEngines.WithoutTransactionsAsync(session.Runner, session.Server.Database, CancellationToken.None));
            isLooseOld = false;
        }
    }

    // The number was the other run's; here it would be of nothing, or of a row of ours.
    private void RefuseLostNumber(SqlStatement statement)
    {
        if (run.IsResumed && !hasInserted && statement.Tokens.Any(token => token.Is("LAST_INSERT_ID")))
        {
            throw ScriptErrors.Interrupted(
                script, statement.Line, "it asks for LAST_INSERT_ID() of a statement that an earlier run did", "Write the number in its place, or keep both between BEGIN and COMMIT.");
        }

        hasInserted |= statement.Begins("INSERT") || statement.Begins("REPLACE") || statement.Begins("CALL");
    }

    // Returns where another try may help. What may have committed some of its work is not tried again.
    private async Task FailedAsync(int number, SqlStatement statement, MariaDbScriptFault fault, MigrationTrip? trip, int attempt)
    {
        var wasInOwn = own.IsOpen;
        own.Fails();
        var isWhole = fault.IsLost || await TakeBackAsync();
        // The locks of all that it drops are taken before the first is dropped.
        var halfDone = !wasInOwn && MayBeHalfDone(statement) && !(statement.Begins("DROP") && fault.Cause is { } cause && MariaDbErrors.MayPass(cause));
        if (!fault.IsLost)
        {
            if (isWhole && !wasInOwn && !halfDone)
            {
                await run.RecordAsync(session.Runner, number, statement, "failed", fault: fault.Cause);
            }

            standing.Fails(halfDone || (!isWhole && statement.Repetition is null));
        }

        var mayPass = fault.Cause is null ? trip is { WhileWaiting: true } : MariaDbErrors.MayPass(fault.Cause, trip);
        if (wasInOwn || halfDone || !isWhole || attempt >= session.Pace.Tries || !mayPass)
        {
            throw MariaDbScriptErrors.Of(script, fault, trip, attempt, session.Blockers, standing.Left);
        }

        await ScriptPause.AfterAsync(session.Pace, attempt, session.Time, session.Token);
    }

    private async Task InOwnTransactionAsync(int number, SqlStatement statement)
    {
        if (statement.Names(loose))
        {
            await TakeBackAsync();
            throw MariaDbScriptErrors.Unsupported(
                script, statement, $"it names a table whose engine knows no transactions, within a transaction of the script's own; put it before BEGIN or behind COMMIT. {standing.Left.TrimEnd('.')}");
        }

        if (own.IsOpen && statement.Commits())
        {
            // The records are committed with what they tell of, or neither is; also those that a savepoint took back with its statements.
            await RecordAsync([.. own.AfterSavepoint, Done(number, statement)]);
            await session.RunAsync(statement);
            own.Ends(statement.Chains());
            return;
        }

        if (statement.OpensTransaction())
        {
            RefuseUnknown(number, statement);
        }

        var rows = await session.TraceAsync(number, statement);
        if (own.IsOpen && statement.RollsBack())
        {
            own.Adds(Done(number, statement), isSavepoint: false);
            await RecordRolledBackAsync(statement.Chains());
            return;
        }

        var done = Done(number, statement, rows);
        own.Adds(done, statement.Begins("SAVEPOINT"));
        await RecordAsync([done]);
    }

    // All of them or none: one that began and is known while what it took back is not would leave the next run to do that outside of a transaction, and commit it.
    private async Task RecordRolledBackAsync(bool chains)
    {
        if (chains)
        {
            // What the chained transaction ends with decides of these records too.
            own.GoesOn();
            await RecordAsync(own.All);
            return;
        }

        await session.RunAsync(() => session.Runner.ExecuteAsync("START TRANSACTION", [], CancellationToken.None));
        await RecordAsync(own.All);
        await session.RunAsync(() => session.Runner.ExecuteAsync("COMMIT", [], CancellationToken.None));
        own.Ends(chains: false);
    }

    private async Task RecordAsync(IEnumerable<MariaDbDoneStatement> done)
    {
        foreach (var statement in done)
        {
            await session.RunAsync(async () =>
            {
                await run.RecordAsync(session.Runner, statement, "done");
                return true;
            });
        }
    }

    private static MariaDbDoneStatement Done(int number, SqlStatement statement, long rows = 0) => new(number, statement.Line, MariaDbRun.Hash(statement), rows);

    private async Task<bool> TurnToAsync(int number)
    {
        await run.TurnToAsync(session.Runner, number);
        return true;
    }

    private async Task TogetherAsync(int number, SqlStatement statement)
    {
        RefuseUnknown(number, statement);
        await session.RunAsync(() => session.Runner.ExecuteAsync("START TRANSACTION", [], CancellationToken.None));
        var rows = await session.TraceAsync(number, statement);
        await RecordAsync(number, statement, "done", rows);
        await session.CommitAsync(statement);
    }

    // It had written to a table of an engine without transactions, by a trigger perhaps, when it failed or was cut off.
    private void RefuseUnknown(int number, SqlStatement statement)
    {
        if (run.IsUnknown(number, statement))
        {
            throw MariaDbAftermath.CannotTell(script, run, number, statement);
        }
    }

    private async Task AloneAsync(int number, SqlStatement statement)
    {
        if (run.IsUnknown(number, statement) && await new MariaDbAftermath(session, script, run).TookEffectAsync(number, statement))
        {
            await RecordAsync(number, statement, "done");
            return;
        }

        var before = MariaDbSubject.Of(statement) is { } subject ? await session.RunAsync(() => subject.DefinitionAsync(session.Runner)) : null;
        await RecordAsync(number, statement, "running", before: before);
        var rows = await session.TraceAsync(number, statement);
        session.Watch.Forgive();
        // Nothing interrupts this: what is done would else be taken for failed.
        await run.RecordAsync(session.Runner, number, statement, "done", rows);
    }

    private Task RecordAsync(int number, SqlStatement statement, string state, long rows = 0, string? before = null) => session.RunAsync(async () =>
    {
        await run.RecordAsync(session.Runner, number, statement, state, rows, before);
        return true;
    });

    private async Task EndAsync(int statements)
    {
        if (await session.IsInTransactionAsync())
        {
            await TakeBackAsync();
            throw ScriptErrors.OpenTransaction(script, standing.Left);
        }

        try
        {
            await session.Runner.ExecuteAsync(CancellationToken.None, "START TRANSACTION");
            await history.FinishAsync(session.Runner, run.Id, script, statements, session.Time.GetUtcNow(), CancellationToken.None);
            await session.Runner.ExecuteAsync(CancellationToken.None, "COMMIT");
        }
        catch (MySqlException e)
        {
            throw MariaDbScriptErrors.Of(script, new MariaDbScriptFault(e, null), null, 1, session.Blockers, "Every statement of it is in effect; the next run records it.");
        }
    }
}

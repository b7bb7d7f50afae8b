using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Runs a script of rows alone and its history row in one transaction, and as a whole again where it met a lock or a deadlock.</summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="appliedBy">Who applies it.</param>
/// <param name="planned">What it was planned by.</param>
/// <param name="standing">Told what is left of it.</param>
/// <param name="beforeCommit">A last look before it is committed; null for none.</param>
internal sealed class MariaDbTransactionRunner(MariaDbSession session, MigrationScript script, string appliedBy, PlannedHistory planned, ScriptStanding standing, Func<IValidationTarget, CancellationToken, Task>? beforeCommit)
{
    // A savepoint ends with its transaction: that it is still there says that no statement has committed.
    private const string Mark = "deployops_script";
    private readonly MariaDbHistory history = new(session.Server.Database);
    private bool hasTemporary;
    private bool isWhole = true;
    private bool? hasCommitted = false;
    private int statements;

    private string Left => hasCommitted switch
    {
        true => "A statement of it ended the transaction that the script runs in: what stood before that is committed and stays. The next run refuses and says what to do.",
        null => "Whether a statement of it had committed could not be looked at; the next run refuses where one had, else nothing of the script is left.",
        _ when !isWhole => "Nothing of the script is left but what it wrote to tables of engines without transactions.",
        _ => "Nothing of the script is left.",
    };

    /// <summary>Runs it.</summary>
    /// <exception cref="DeployOpsException">Why it did not succeed; nothing of the script is left.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing of the script is left, or its message says what is.</exception>
    internal async Task RunAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync();
                return;
            }
            catch (MariaDbScriptFault fault)
            {
                var trip = session.Watch.TakeTrip(fault.WasCancelled);
                var mayPass = fault.Cause is null ? trip is { WhileWaiting: true } : MariaDbErrors.MayPass(fault.Cause, trip);
                await LookAsync();
                // A temporary table is not taken back; the script would meet its own.
                if (attempt >= session.Pace.Tries || !mayPass || hasTemporary || !isWhole || hasCommitted != false)
                {
                    throw MariaDbScriptErrors.Of(script, fault, trip, attempt, session.Blockers, Left);
                }

                await ScriptPause.AfterAsync(session.Pace, attempt, session.Time, session.Token);
            }
            catch (OperationCanceledException e) when (session.Token.IsCancellationRequested)
            {
                await LookAsync();
                if (hasCommitted == false && isWhole)
                {
                    throw;
                }

                throw new OperationCanceledException($"{script.FileName} was stopped. {Left}", e, session.Token);
            }
        }
    }

    // By another connection: what it sees of the script is committed, and it is there when the script's own is lost.
    private async Task LookAsync()
    {
        try
        {
            hasCommitted = await session.AskAsync(connection => history.HasCommittedUnseenAsync(connection, script, CancellationToken.None));
        }
        catch (Exception e) when (e is MySqlException or DeployOpsException or InvalidOperationException)
        {
            hasCommitted = null;
        }

        standing.Ends(Left);
    }

    private async Task AttemptAsync()
    {
        statements = 0;
        try
        {
            await session.SetUpAsync();
            await session.RunAsync(() => EnsureAsync());
            var run = await BeginAsync();
            foreach (var statement in script.Statements(session))
            {
                statements++;
                session.Watch.Statement = statements;
                hasTemporary |= statement.MakesTemporary();
                await session.TraceAsync(statements, statement);
            }

            await RefuseEndedAsync();
            await (beforeCommit?.Invoke(new MariaDbOpenTransaction(session), session.Token) ?? Task.CompletedTask);
            await EndAsync(run);
        }
        catch (MySqlException e)
        {
            isWhole &= await session.RollbackAsync();
            throw new MariaDbScriptFault(e, null);
        }
        catch
        {
            isWhole &= await session.RollbackAsync();
            throw;
        }

        await CommitAsync();
    }

    private async Task<bool> EnsureAsync()
    {
        await history.EnsureAsync(session.Runner, CancellationToken.None);
        return true;
    }

    private Task<long> BeginAsync() => session.RunAsync(async () =>
    {
        session.HoldsFromNow();
        await session.Runner.ExecuteAsync(CancellationToken.None, "START TRANSACTION");
        await history.RefuseAsync(session.Runner, script, planned, CancellationToken.None);
        await MariaDbRun.RefuseBegunAsync(session.Runner, history, script);
        var run = await history.BeginAsync(session.Runner, script, appliedBy, transactional: true, session.Time.GetUtcNow(), CancellationToken.None);
        planned.Adds(run);
        await session.Runner.ExecuteAsync(CancellationToken.None, $"SAVEPOINT {Mark}");
        return run;
    });

    private Task RefuseEndedAsync() => session.RunAsync(async () =>
    {
        try
        {
            await session.Runner.ExecuteAsync(CancellationToken.None, $"RELEASE SAVEPOINT {Mark}");
            return true;
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.StoredProcedureDoesNotExist)
        {
            throw MariaDbScriptErrors.EndedTransaction(script);
        }
    });

    private Task EndAsync(long run) => session.RunAsync(async () =>
    {
        await history.FinishAsync(session.Runner, run, script, statements, session.Time.GetUtcNow(), CancellationToken.None);
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
        catch (MySqlException e) when (MariaDbErrors.IsLost(e))
        {
            throw ScriptErrors.LostAtCommit(script, MariaDbErrors.Words(e), e);
        }
        catch (MySqlException e)
        {
            isWhole &= await session.RollbackAsync();
            throw new MariaDbScriptFault(e, null);
        }
        catch (OperationCanceledException)
        {
            isWhole &= await session.RollbackAsync();
            throw;
        }
    }
}

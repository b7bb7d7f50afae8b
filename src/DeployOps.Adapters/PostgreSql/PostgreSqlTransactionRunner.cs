using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Runs a script and its history row in one transaction, and as a whole again where it met a lock, a deadlock or a serialisation failure. While the server works on one run of
/// statements, the next is read.
/// </summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="appliedBy">Who applies it.</param>
/// <param name="planned">What it was planned by.</param>
/// <param name="beforeCommit">A last look before it is committed; null for none.</param>
internal sealed class PostgreSqlTransactionRunner(PostgreSqlSession session, MigrationScript script, string appliedBy, PlannedHistory planned, Func<IValidationTarget, CancellationToken, Task>? beforeCommit)
{
    // Enough to hide the round trips; a failure is found among them by the driver. Two runs are in memory at a time.
    private const int LongestRun = 250;
    private const int LongestRunCharacters = 256 * 1024;
    private const string Nothing = "Nothing of the script is left.";
    private readonly List<PostgreSqlIndex> mayExist = [];
    private readonly HashSet<string> made = new(StringComparer.Ordinal);
    private List<SqlStatement> waiting = [];
    private int characters;
    private Task sent = Task.CompletedTask;
    private int statements;
    private bool isSetUp = true;

    // Nothing is locked yet that others would wait for.
    private bool mayWait;

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
                var trip = session.Watch.TakeTrip(fault.WasCancelled);
                if (attempt >= session.Pace.Tries || !PostgreSqlErrors.MayPass(fault.Cause, trip))
                {
                    throw PostgreSqlScriptErrors.Of(script, fault, trip, attempt, session.Blockers, Nothing);
                }

                await ScriptPause.AfterAsync(session.Pace, attempt, session.Time, session.Token);
            }
        }
    }

    private async Task AttemptAsync()
    {
        waiting = [];
        mayExist.Clear();
        made.Clear();
        (characters, statements, mayWait) = (0, 0, true);
        try
        {
            if (!isSetUp)
            {
                await session.SetUpAsync();
            }

            isSetUp = false;
            var (run, transaction) = await session.RunAsync(BeginAsync);
            await RunScriptAsync();
            await RefuseInvalidIndexesAsync();
            await (beforeCommit?.Invoke(new PostgreSqlOpenTransaction(session), session.Token) ?? Task.CompletedTask);
            await EndAsync(run, transaction);
        }
        catch (Npgsql.NpgsqlException e)
        {
            await EndSentAsync();
            await session.RollbackAsync();
            throw new PostgreSqlScriptFault(e, null);
        }
        catch
        {
            await EndSentAsync();
            await session.RollbackAsync();
            throw;
        }

        await CommitAsync();
    }

    private async Task<(long Run, long Transaction)> BeginAsync()
    {
        if (!session.HasHistory)
        {
            await session.Runner.ExecuteAsync(session.Abort, "BEGIN");
            await PostgreSqlHistory.EnsureAsync(session.Runner, session.Abort);
        }

        var begun = await WriteAsync();
        if (begun is null)
        {
            await PostgreSqlHistory.RefuseAsync(session.Runner, script, session.Abort);
            await PostgreSqlRun.RefuseBegunAsync(session.Runner, script, session.Abort);
            begun = await WriteAsync() ?? throw new InvalidOperationException("The history refuses a row that nothing speaks against.");
        }

        var (end, run, transaction) = begun.Value;
        planned.Require(script, end);
        planned.Adds(run);
        return (run, transaction);
    }

    // A transaction that is begun already stays the one it is: BEGIN is only warned of.
    private Task<(long End, long Run, long Transaction)?> WriteAsync() => PostgreSqlHistory.BeginTransactionAsync(session.Runner, script, appliedBy, session.Time.GetUtcNow(), session.Abort);

    private async Task RunScriptAsync()
    {
        foreach (var statement in script.Statements(SqlDialect.PostgreSql))
        {
            statements++;
            session.Meets(statement);
            if ((session.Tracer is null || statements > TracedRounds.MostStatements) && IsBatched(statement))
            {
                mayWait = false;
                waiting.Add(statement);
                characters += statement.Text.Length;
                if (waiting.Count >= LongestRun || characters >= LongestRunCharacters)
                {
                    await SendAsync();
                }
            }
            else
            {
                await SendAsync();
                await sent;
                session.Watch.Statement = statements;
                mayExist.AddRange(PostgreSqlIndex.Of(statement) is { MayExist: true, Name: not null } index ? [index] : []);
                mayWait &= statement.OnlyValidates();
                await BePatientAsync(mayWait, "0");
                await session.TraceAsync(statements, statement, () => statement.CopyLines is { } lines ? session.CopyAsync(statement, lines) : session.RunAsync(statement));
                await BePatientAsync(mayWait, PostgreSqlSettings.Milliseconds(session.Pace.LockTimeout));
            }
        }

        await SendAsync();
        await sent;
    }

    private async Task BePatientAsync(bool isSo, string milliseconds)
    {
        if (isSo)
        {
            await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, $"SET LOCAL lock_timeout = {milliseconds}"));
        }
    }

    private async Task SendAsync()
    {
        await sent;
        if (waiting.Count > 0)
        {
            session.Watch.Statement = statements;
            sent = session.RunAsync(waiting);
            (waiting, characters) = ([], 0);
        }
    }

    // What was sent ahead of a failure has to come to its end before the connection can be used; the failure is the reason that is told.
    private async Task EndSentAsync()
    {
        await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        sent = Task.CompletedTask;
    }

    private async Task RefuseInvalidIndexesAsync()
    {
        var indexes = new PostgreSqlIndexes(session);
        foreach (var index in mayExist)
        {
            if (await indexes.IsValidAsync(index) == false)
            {
                throw PostgreSqlScriptErrors.InvalidIndex(script, index, Nothing);
            }
        }
    }

    // The script may have taken another role, which need not know the history.
    private Task EndAsync(long run, long transaction) => session.RunAsync(async () =>
        await PostgreSqlHistory.FinishAsync(session.Runner, run, script, statements, session.Time.GetUtcNow(), transaction, session.Abort)
            ? true
            : throw PostgreSqlScriptErrors.EndedTransaction(script));

    // From here on nothing interrupts, so that what is reported is what happened.
    private async Task CommitAsync()
    {
        try
        {
            session.Token.ThrowIfCancellationRequested();
            await session.CommitAsync();
            session.HasHistory = true;
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

    // Rows, and what is made anew: neither keeps a table of others that it would be worth to name while it runs.
    private bool IsBatched(SqlStatement statement) => statement.CopyLines is null
        && (statement.Begins("INSERT") || statement.Begins("UPDATE") || statement.Begins("DELETE") || statement.Begins("SELECT") || MakesTable(statement) || ChangesOwnTable(statement));

    private bool MakesTable(SqlStatement statement)
    {
        var makes = statement.Begins("CREATE", "TABLE") && statement.Tokens is [_, _, { Kind: SqlTokenKind.Word or SqlTokenKind.QuotedName }, { Text: "(" }, ..] && !statement.Tokens.Any(token => token.Is("SELECT"));
        if (makes)
        {
            made.Add(statement.Tokens[2].Text);
        }

        return makes;
    }

    private bool ChangesOwnTable(SqlStatement statement) =>
        statement.Begins("ALTER", "TABLE") && statement.Tokens is [_, _, var name, { Kind: SqlTokenKind.Word }, ..] && made.Contains(name.Text);
}

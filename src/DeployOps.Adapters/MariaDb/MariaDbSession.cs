using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Two connections: one runs a script, by the other it is watched and cancelled on the server. A copy is watched by a third, of the account of the plan, which sees what others do.
/// </summary>
internal sealed class MariaDbSession : IAsyncDisposable
{
    // "Some non-transactional changed tables couldn't be rolled back".
    private const int NotRolledBack = 1196;
    private static readonly TimeSpan BetweenCancels = TimeSpan.FromMilliseconds(200);
    private readonly MariaDbControl control;
    private readonly MariaDbControl eyes;
    private readonly MariaDbSampler sampler;
    private readonly TimeSpan limit;
    private readonly long started;
    private readonly MariaDbRunnerConnection known;

    // What it begins in, as its server says, without what would end texts elsewhere than the script was cut.
    private readonly string mode;

    // What ran on it was given up: the server does not answer, and nothing more can be asked of it.
    private bool isGivenUp;

    private MariaDbSession(
        MariaDbServer server, MariaDbServer watcher, MySqlConnection runner, MariaDbControl control, MariaDbControl eyes, MariaDbRunnerConnection known, string mode, WatchedScript watched, ScriptPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        (Server, Runner, this.control, this.eyes, this.known, this.mode, Pace, this.limit, Time, Token) = (server, runner, control, eyes, known, mode, pace, limit, time, token);
        started = time.GetTimestamp();
        Tracer = watched.Traces ? new MariaDbTracer(this, watched.Observer.Did) : null;
        sampler = new MariaDbSampler(watcher, eyes, known.Number, watched.Limits.LongTransaction, time, watched.Limits.Replicas);
        Watch = new ScriptWatch(watched, sampler, time);
    }

    /// <summary>The database.</summary>
    internal MariaDbServer Server { get; }

    /// <summary>What the script runs on.</summary>
    internal MySqlConnection Runner { get; }

    /// <summary>How long to wait for others.</summary>
    internal ScriptPace Pace { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Stops the script.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Watches the script.</summary>
    internal ScriptWatch Watch { get; }

    /// <summary>Looks at what each statement does; null where nobody wants to know.</summary>
    internal MariaDbTracer? Tracer { get; }

    /// <summary>The number by which the server knows what the script runs on.</summary>
    internal long Number => known.Number;

    /// <summary>Whether double quotes hold a name in it until the script says otherwise: so its server's own mode has it, and its scripts are written.</summary>
    internal bool AnsiQuotes => mode.Split(',').Contains("ANSI_QUOTES", StringComparer.Ordinal);

    /// <summary>Who was last seen to block the script; empty where nobody was.</summary>
    internal string Blockers => Watch.Blockers;

    /// <summary>Connects.</summary>
    /// <param name="server">The database.</param>
    /// <param name="watcher">The same by the account that it is watched by.</param>
    /// <param name="watched">What is run, and how it is watched.</param>
    /// <param name="pace">How long to wait for others.</param>
    /// <param name="limit">How long the script may run; the server stops a statement that runs longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="token">Stops the script.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal static async Task<MariaDbSession> OpenAsync(MariaDbServer server, MariaDbServer watcher, WatchedScript watched, ScriptPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        var runner = await server.OpenAsync(token);
        try
        {
            var other = await MariaDbControl.OpenAsync(server, token);
            try
            {
                var number = await other.UseAsync(second => MariaDbProxies.RefuseAsync(server, runner, second, token));
                var connection = await other.UseAsync(second => MariaDbRunnerConnection.FindAsync(second, number)) ?? throw MariaDbErrors.Gone(server, number);
                var read = await runner.TextAsync("SELECT REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '')", [], token) ?? "";
                var sight = watcher == server ? other : await MariaDbControl.OpenAsync(watcher, token);
                return new MariaDbSession(server, watcher, runner, other, sight, connection, read, watched, pace, limit, time, token);
            }
            catch
            {
                await other.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sets what a script runs under, before every attempt. Locks are waited for in whole seconds: the server counts no others. Its own default is a day for metadata locks.
    /// Backslashes escape, as the statements of the script were found; double quotes mean what they mean on this server.
    /// </summary>
    internal async Task SetUpAsync()
    {
        var rest = limit - Time.GetElapsedTime(started);
        var wait = MariaDbNames.Seconds(Pace.LockTimeout);
        var time = limit == Timeout.InfiniteTimeSpan ? "0" : Math.Max(rest.TotalSeconds, 0.001).ToString("0.###", CultureInfo.InvariantCulture);
        await RunAsync(async () =>
        {
            await Runner.ExecuteAsync(
                CancellationToken.None,
                $"SET SESSION lock_wait_timeout = {wait}, innodb_lock_wait_timeout = {wait}, max_statement_time = {time}, idle_transaction_timeout = 60, autocommit = 1, "
                + $"sql_mode = {MariaDbNames.Text(mode)}");
            return true;
        });
    }

    /// <summary>Runs what the token may stop, and the watch: it is cancelled on the server, and has ended when this has.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="MySqlException">The server refused.</exception>
    /// <exception cref="MariaDbScriptFault">The watch has tripped.</exception>
    internal async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        Token.ThrowIfCancellationRequested();
        if (Watch.HasTripped)
        {
            throw MariaDbScriptFault.Tripped();
        }

        var running = work();
        try
        {
            await EndAsync(running);
            return await running;
        }
        catch (MySqlException e) when (Watch.HasTripped && !Token.IsCancellationRequested && (MariaDbErrors.IsLost(e) || MariaDbErrors.IsCancelled(e)))
        {
            throw new MariaDbScriptFault(e, null);
        }
        catch (MySqlException e) when (Token.IsCancellationRequested && (MariaDbErrors.IsLost(e) || MariaDbErrors.IsCancelled(e)))
        {
            throw new OperationCanceledException(MariaDbErrors.Words(e), e, Token);
        }
    }

    /// <summary>Runs one statement of the script, as it stands in it.</summary>
    /// <returns>How many rows it touched, or -1 where the server does not say.</returns>
    /// <exception cref="MariaDbScriptFault">The server refused it.</exception>
    internal Task<long> RunAsync(SqlStatement statement) => RunAsync(async () =>
    {
        sampler.Runs(statement.Text);
        try
        {
            return (long)await Runner.ExecuteAsync(statement.Text, [], CancellationToken.None);
        }
        catch (MySqlException e) when (!Token.IsCancellationRequested || !(MariaDbErrors.IsLost(e) || MariaDbErrors.IsCancelled(e)))
        {
            throw MariaDbScriptFault.Of(statement, e);
        }
    });

    /// <summary>Tells the watch that what is held from now on is held by what runs now: who began to wait before waits for somebody else.</summary>
    /// <param name="isNew">Whether nothing was held before.</param>
    internal void HoldsFromNow(bool isNew = true)
    {
        if (isNew)
        {
            sampler.HoldsFromNow();
        }
    }

    /// <summary>Commits what a statement did; what is refused only then is its fault.</summary>
    /// <exception cref="MariaDbScriptFault">The server refused to.</exception>
    internal async Task CommitAsync(SqlStatement statement)
    {
        try
        {
            await Runner.ExecuteAsync(CancellationToken.None, "COMMIT");
        }
        catch (MySqlException e) when (!MariaDbErrors.IsLost(e))
        {
            throw MariaDbScriptFault.Of(statement, e);
        }
    }

    /// <summary>Ends a transaction that did not succeed. Where the connection is gone, the server has ended it.</summary>
    /// <returns>Whether all of it was taken back: tables of engines without transactions keep what was written.</returns>
    internal async Task<bool> RollbackAsync()
    {
        if (isGivenUp || Runner.State != System.Data.ConnectionState.Open)
        {
            return true;
        }

        try
        {
            await Runner.ExecuteAsync(CancellationToken.None, "ROLLBACK");
            return await IsTakenBackAsync();
        }
        catch (MySqlException e) when (MariaDbErrors.IsLost(e))
        {
            // Whoever rolls back has the reason to tell; that the connection was lost with it changes nothing: the server rolls back.
            return true;
        }
    }

    // Where a deadlock has ended the transaction, the warning stands among those of the statement that met it, of which the server keeps so many and no more.
    private async Task<bool> IsTakenBackAsync()
    {
        var warnings = await Runner.QueryAsync("SHOW WARNINGS", [], row => row.Number(1), CancellationToken.None);
        return !warnings.Contains(NotRolledBack)
            && (warnings.Count < await Runner.NumberAsync("SELECT @@max_error_count", [], CancellationToken.None) || (await MariaDbEngines.WithoutTransactionsAsync(Runner, Server.Database, CancellationToken.None)).Count == 0);
    }

    /// <summary>Asks by the connection that the script does not run on: it sees what is committed.</summary>
    /// <exception cref="MySqlException">The server did not answer, or not in time.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal Task<T> AskAsync<T>(Func<MySqlConnection, Task<T>> ask) => control.UseAsync(ask);

    /// <summary>Asks by the connection that the script is watched by, of the account that sees what others do.</summary>
    internal Task<T> SeeAsync<T>(Func<MySqlConnection, Task<T>> ask) => eyes.UseAsync(ask);

    /// <summary>Runs a statement, traced where that is wanted.</summary>
    internal Task<long> TraceAsync(int number, SqlStatement statement) => Tracer is { } tracer && number <= TracedRounds.MostStatements ? tracer.RunAsync(number, statement) : RunAsync(statement);

    /// <summary>Whether a transaction is open.</summary>
    internal async Task<bool> IsInTransactionAsync() => await Runner.NumberAsync("SELECT @@in_transaction", [], CancellationToken.None) == 1;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        var closing = Runner.DisposeAsync().AsTask();
        if (isGivenUp)
        {
            // Nobody may be there to say goodbye to.
            await closing.WaitAsync(Pace.CancelWait, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await closing;
        }

        await sampler.DisposeAsync();
        await control.DisposeAsync();
        if (eyes != control)
        {
            await eyes.DisposeAsync();
        }
    }

    private async Task EndAsync(Task running)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token, Watch.Tripped);
        await running.WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
        {
            await CancelAsync(running);
        }
    }

    // Again and again, since one that comes between two statements is lost.
    private async Task CancelAsync(Task running)
    {
        var since = Time.GetTimestamp();
        while (!running.IsCompleted)
        {
            var act = Time.GetElapsedTime(since) < Pace.CancelWait ? "KILL QUERY" : "KILL CONNECTION";
            try
            {
                if (!await control.UseAsync(connection => known.EndAsync(connection, act)))
                {
                    await NoticeAsync(running);
                    return;
                }
            }
            catch (MySqlException e) when (MariaDbErrors.IsCancelled(e))
            {
                // The server is slow; again.
            }
            catch (MySqlException e)
            {
                throw GivenUp(MariaDbErrors.Of(Server, e));
            }
            catch (DeployOpsException e)
            {
                throw GivenUp(e);
            }

            await running.WaitAsync(BetweenCancels, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // It is gone, and what runs on it is about to notice, unless the network is gone with it.
    private async Task NoticeAsync(Task running)
    {
        await running.WaitAsync(Pace.CancelWait, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
        {
            throw GivenUp(MariaDbErrors.Gone(Server, known.Number));
        }
    }

    // Whoever stopped it has his answer though the server does not: the record, or a look at the next run, tells what came of it.
    private Exception GivenUp(DeployOpsException reason)
    {
        isGivenUp = true;
        return Token.IsCancellationRequested ? new OperationCanceledException(reason.Message, reason, Token) : reason;
    }
}

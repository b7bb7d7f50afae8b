using DeployOps.Adapters.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>One script on its connections: what it runs under, how it is stopped, and how it is watched.</summary>
internal sealed class PostgreSqlSession : IAsyncDisposable
{
    private static readonly TimeSpan BetweenCancels = TimeSpan.FromMilliseconds(200);

    // Gives up reading an answer that a dead network does not bring; then the connection is closed here.
    private static readonly TimeSpan LongestAbort = TimeSpan.FromSeconds(30);

    // A commit may wait for a replica as long as that takes; whether the server is still there is asked beside it.
    private static readonly TimeSpan BetweenAnswers = TimeSpan.FromSeconds(10);

    private readonly PostgreSqlServer server;
    private readonly PostgreSqlConnectionKeeper keeper;
    private readonly PostgreSqlConnections connections;
    private readonly CancellationTokenSource abort = new();
    private readonly string script;
    private readonly TimeSpan limit;
    private readonly long started;
    private bool hasSucceeded;
    private bool changesDefaults;
    private bool isStuck;

    private PostgreSqlSession(PostgreSqlServer server, PostgreSqlConnectionKeeper keeper, PostgreSqlConnections connections, WatchedScript watched, ScriptPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        (this.server, this.keeper, this.connections, Pace, this.limit, Time, Token) = (server, keeper, connections, pace, limit, time, token);
        started = time.GetTimestamp();
        script = watched.Script;
        Watch = new ScriptWatch(watched, new PostgreSqlSampler(connections.Control, connections.Process, watched.Limits.LongTransaction, connections.Host, time, watched.Pass.Replication), time);
        Tracer = watched.Traces ? new PostgreSqlTracer(this, watched.Observer.Did)
            : watched.Observer.Compares ? new PostgreSqlRecorder(this, connections.Control, connections.Process, watched.Observer, watched.IsOneTransaction) : null;
    }

    /// <summary>What the script runs on.</summary>
    internal NpgsqlConnection Runner => connections.Runner;

    /// <summary>The role that connected.</summary>
    internal string Account => connections.Account;

    /// <summary>The role that it has from its first moment on.</summary>
    internal string Role => connections.Role;

    /// <summary>How long to wait for others.</summary>
    internal ScriptPace Pace { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Stops the script.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Gives up waiting for the server, where it could not be told to stop. What runs long takes it.</summary>
    internal CancellationToken Abort => abort.Token;

    /// <summary>Watches the script.</summary>
    internal ScriptWatch Watch { get; }

    /// <summary>Tells what each statement does; null where nobody wants to know.</summary>
    internal IStatementTracer? Tracer { get; }

    /// <summary>Who was last seen to block the script; empty where nobody was.</summary>
    internal string Blockers => Watch.Blockers;

    /// <summary>Whether the history was seen to be there, by this script or one before it.</summary>
    internal bool HasHistory
    {
        get => connections.HasHistory;
        set => connections.HasHistory = value;
    }

    /// <summary>What others see of it in <c>pg_stat_activity</c>.</summary>
    internal string ApplicationName => PostgreSqlServer.ApplicationName(script);

    /// <summary>Whether a script ran on its connections before.</summary>
    internal bool IsOnUsedConnections => connections.WereUsed;

    /// <summary>
    /// What a script runs under, as columns of one query. It is set outside of transactions and before every attempt, since one that is rolled back takes its settings with it.
    /// What the server refuses is left out.
    /// </summary>
    internal string Settings =>
        $"set_config('lock_timeout', '{PostgreSqlSettings.Milliseconds(Pace.LockTimeout)}', false), set_config('statement_timeout', '{PostgreSqlSettings.Milliseconds(limit - Time.GetElapsedTime(started))}', false), "
        + "set_config('standard_conforming_strings', 'on', false)" + string.Concat(connections.Settings.Select(one => $", set_config('{one.Name}', '{one.Value}', false)"));

    /// <summary>Connects, or takes what the script before it ran on.</summary>
    /// <param name="server">The database.</param>
    /// <param name="keeper">Keeps connections from one script to the next.</param>
    /// <param name="watched">What is run, and how it is watched.</param>
    /// <param name="pace">How long to wait for others.</param>
    /// <param name="limit">How long the script may run; the server stops a statement that runs longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="token">Stops the script.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal static async Task<PostgreSqlSession> OpenAsync(
        PostgreSqlServer server, PostgreSqlConnectionKeeper keeper, WatchedScript watched, ScriptPace pace, TimeSpan limit, TimeProvider time, CancellationToken token) =>
        new(server, keeper, await keeper.TakeAsync(watched.Script, token), watched, pace, limit, time, token);

    /// <summary>Runs a statement, traced where that is wanted.</summary>
    internal Task<long> TraceAsync(int number, Migrations.Sql.SqlStatement statement, Func<Task<long>> work, bool isOutside = false) =>
        Tracer is { } tracer && number <= TracedRounds.MostStatements ? tracer.RunAsync(number, statement, isOutside, work) : work();

    /// <summary>The script has succeeded: its connections may serve the next one, unless it changed what new ones begin with.</summary>
    internal void Succeeds() => hasSucceeded = !changesDefaults;

    /// <summary>Is told of each statement of the script.</summary>
    internal void Meets(Migrations.Sql.SqlStatement statement) =>
        changesDefaults |= statement.Begins("ALTER", "DATABASE") || statement.Begins("ALTER", "ROLE") || statement.Begins("ALTER", "USER") || statement.Begins("DO") || statement.Begins("CALL");

    /// <summary>Sets what the script runs under.</summary>
    internal Task SetUpAsync() => RunAsync(() => Runner.ExecuteAsync(Abort, $"SELECT {Settings}"));

    /// <summary>Runs what the token may stop, and the watch: it is cancelled on the server, and has ended when this has.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    /// <exception cref="PostgreSqlScriptFault">The watch has tripped.</exception>
    internal async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        Token.ThrowIfCancellationRequested();
        if (Watch.HasTripped)
        {
            // Between two statements: nothing runs that could be cancelled, and locks are held all the same.
            throw new PostgreSqlScriptFault(new PostgresException("canceled by the watch", "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled), null);
        }

        var running = work();
        try
        {
            await EndAsync(running);
            return await running;
        }
        catch (Exception e) when (Watch.HasTripped && !Token.IsCancellationRequested && Ends(e) is not null)
        {
            throw new PostgreSqlScriptFault(Ends(e)!, null);
        }
        catch (Exception e) when (Token.IsCancellationRequested && Ends(e) is not null)
        {
            throw new OperationCanceledException(PostgreSqlErrors.Words(Ends(e)!), e, Token);
        }
    }

    /// <summary>Asks or keeps what came of something that has happened, whoever wants to stop the script: a person, the watch, or a cancel that was meant for what has ended and came late.</summary>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    internal static async Task<T> SettleAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return await work();
        }
    }

    /// <summary>Commits, which nothing interrupts but a network that is gone.</summary>
    /// <exception cref="NpgsqlException">The server refused, or the connection was lost: then nobody knows what came of it.</exception>
    internal async Task CommitAsync()
    {
        Task committing = Runner.ExecuteAsync(Abort, "COMMIT");
        while (!committing.IsCompleted)
        {
            await committing.WaitAsync(BetweenAnswers, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!committing.IsCompleted && !await AnswersAsync())
            {
                await AbortAsync(committing);
                if (isStuck)
                {
                    throw NoAnswer();
                }
            }
        }

        try
        {
            await committing;
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            throw NoAnswer();
        }
    }

    /// <summary>Ends a transaction that did not succeed. Where the connection is gone, the server has ended it.</summary>
    internal async Task RollbackAsync()
    {
        if (Runner.State != System.Data.ConnectionState.Open)
        {
            return;
        }

        try
        {
            await Runner.ExecuteAsync(Abort, "ROLLBACK");
        }
        catch (NpgsqlException e) when (PostgreSqlErrors.IsLost(e))
        {
            // Whoever rolls back has the reason to tell; that the connection was lost with it changes nothing: the server rolls back.
        }
    }

    /// <summary>Whether a transaction is open, one that failed included. A savepoint can be made within one only, whatever a script has set.</summary>
    internal async Task<bool> IsInTransactionAsync()
    {
        try
        {
            await Runner.ExecuteAsync(Abort, "SAVEPOINT deployops_probe");
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.NoActiveSqlTransaction or PostgresErrorCodes.InFailedSqlTransaction)
        {
            return e.SqlState == PostgresErrorCodes.InFailedSqlTransaction;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        if (hasSucceeded)
        {
            await keeper.GiveBackAsync(connections);
        }
        else if (!isStuck)
        {
            await connections.DisposeAsync();
        }

        abort.Dispose();
    }

    // What the server says where it was told to stop, or that it says nothing any more.
    private NpgsqlException? Ends(Exception fault) => fault switch
    {
        NpgsqlException e when PostgreSqlErrors.IsLost(e) || e.SqlState == PostgresErrorCodes.QueryCanceled => e,
        OperationCanceledException when abort.IsCancellationRequested => NoAnswer(),
        _ => null,
    };

    private static NpgsqlException NoAnswer() => new("the server does not answer any more", new TimeoutException("it could not be told to stop either"));

    private async Task EndAsync(Task running)
    {
        if (running.IsCompleted)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token, Watch.Tripped);
        await running.WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
        {
            await CancelAsync(running);
        }
    }

    // Again and again, since a signal that comes between two statements is lost.
    private async Task CancelAsync(Task running)
    {
        var since = Time.GetTimestamp();
        while (!running.IsCompleted)
        {
            var act = Time.GetElapsedTime(since) < Pace.CancelWait ? "pg_cancel_backend" : "pg_terminate_backend";
            try
            {
                if (!await connections.Control.UseAsync(connection => connections.Process.EndAsync(connection, act)))
                {
                    await NoticeAsync(running);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DeployOpsException)
            {
                await AbortAsync(running);
                if (!running.IsCompleted)
                {
                    throw e is NpgsqlException fault ? PostgreSqlErrors.Of(server, fault) : e;
                }
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
            throw PostgreSqlErrors.Gone(server, connections.Process.Number);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await connections.Control.UseAsync(connection => connection.ScalarAsync<bool>("SELECT true", [], CancellationToken.None));
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException)
        {
            return false;
        }
    }

    private async Task AbortAsync(Task running)
    {
        await abort.CancelAsync();
        await running.WaitAsync(LongestAbort, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The driver waits for what runs when it closes; the system closes such a connection with the process.
        isStuck = !running.IsCompleted;
    }
}

using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Two connections: one runs a script, by the other it is watched and cancelled on the server.
/// </summary>
internal sealed class PostgreSqlSession : IAsyncDisposable
{
    private static readonly TimeSpan BetweenCancels = TimeSpan.FromMilliseconds(200);
    private readonly PostgreSqlServer server;
    private readonly PostgreSqlControl control;
    private readonly TimeSpan limit;
    private readonly long started;
    private readonly int pid;

    private PostgreSqlSession(PostgreSqlServer server, NpgsqlConnection runner, PostgreSqlControl control, int pid, PostgreSqlWatched watched, PostgreSqlPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        (this.server, Runner, this.control, this.pid, Pace, this.limit, Time, Token) = (server, runner, control, pid, pace, limit, time, token);
        started = time.GetTimestamp();
        Watch = new PostgreSqlWatch(watched, new PostgreSqlSampler(control, pid, watched.Limits.LongTransaction, new PostgreSqlHost(server, pid), time), time);
    }

    /// <summary>What the script runs on.</summary>
    internal NpgsqlConnection Runner { get; }

    /// <summary>How long to wait for others.</summary>
    internal PostgreSqlPace Pace { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Stops the script.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Watches the script.</summary>
    internal PostgreSqlWatch Watch { get; }

    /// <summary>Who was last seen to block the script; empty where nobody was.</summary>
    internal string Blockers => Watch.Blockers;

    /// <summary>Connects.</summary>
    /// <param name="server">The database.</param>
    /// <param name="watched">What is run, and how it is watched.</param>
    /// <param name="pace">How long to wait for others.</param>
    /// <param name="limit">How long the script may run; the server stops a statement that runs longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="token">Stops the script.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal static async Task<PostgreSqlSession> OpenAsync(PostgreSqlServer server, PostgreSqlWatched watched, PostgreSqlPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        var runner = await server.OpenAsync(watched.Script, token);
        try
        {
            var other = await PostgreSqlControl.OpenAsync(server, token);
            try
            {
                var process = await other.UseAsync(second => PostgreSqlPooler.RefuseAsync(server, runner, second, token));
                return new PostgreSqlSession(server, runner, other, process, watched, pace, limit, time, token);
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
    /// Sets what a script runs under. It is set outside of transactions and before every attempt, since one that is rolled back takes its settings with it.
    /// A server that lost its client stops by itself.
    /// </summary>
    internal async Task SetUpAsync()
    {
        var rest = limit - Time.GetElapsedTime(started);
        List<string> settings =
        [
            $"SET lock_timeout = {PostgreSqlSettings.Milliseconds(Pace.LockTimeout)}", $"SET statement_timeout = {PostgreSqlSettings.Milliseconds(rest)}",
            "SET idle_in_transaction_session_timeout = '60s'", "SET standard_conforming_strings = on",
        ];
        if (Runner.PostgreSqlVersion.Major >= 14)
        {
            settings.Add("SET client_connection_check_interval = '1s'");
        }

        await RunAsync(() => Runner.ExecuteAsync(CancellationToken.None, settings));
    }

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
        catch (NpgsqlException e) when (Watch.HasTripped && !Token.IsCancellationRequested && (PostgreSqlErrors.IsLost(e) || e.SqlState == PostgresErrorCodes.QueryCanceled))
        {
            throw new PostgreSqlScriptFault(e, null);
        }
        catch (NpgsqlException e) when (Token.IsCancellationRequested && (PostgreSqlErrors.IsLost(e) || e.SqlState == PostgresErrorCodes.QueryCanceled))
        {
            throw new OperationCanceledException(PostgreSqlErrors.Words(e), e, Token);
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
            await Runner.ExecuteAsync(CancellationToken.None, "ROLLBACK");
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
            await Runner.ExecuteAsync(CancellationToken.None, "SAVEPOINT deployops_probe");
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
        await Runner.DisposeAsync();
        await control.DisposeAsync();
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

    // Again and again, since a signal that comes between two statements is lost.
    private async Task CancelAsync(Task running)
    {
        var since = Time.GetTimestamp();
        while (!running.IsCompleted)
        {
            var act = Time.GetElapsedTime(since) < Pace.CancelWait ? "pg_cancel_backend" : "pg_terminate_backend";
            try
            {
                await control.UseAsync(connection => connection.ExecuteAsync($"SELECT {act}($1)", [pid], CancellationToken.None));
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(server, e);
            }

            await running.WaitAsync(BetweenCancels, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Two connections: one runs a script, the other, in no transaction ever, watches who blocks it and cancels it on the server. The second is open before
/// it is needed, since a server that is full takes no connection to cancel by.
/// </summary>
internal sealed class PostgreSqlSession : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenCancels = TimeSpan.FromMilliseconds(200);
    private readonly PostgreSqlServer server;
    private readonly NpgsqlConnection control;
    private readonly TimeSpan limit;
    private readonly long started;
    private int pid;

    private PostgreSqlSession(PostgreSqlServer server, NpgsqlConnection runner, NpgsqlConnection control, PostgreSqlPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        (this.server, Runner, this.control, Pace, this.limit, Time, Token) = (server, runner, control, pace, limit, time, token);
        started = time.GetTimestamp();
    }

    /// <summary>What the script runs on.</summary>
    internal NpgsqlConnection Runner { get; }

    /// <summary>How long to wait for others.</summary>
    internal PostgreSqlPace Pace { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Stops the script.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Who was last seen to block the script; empty where nobody was.</summary>
    internal string Blockers { get; private set; } = "";

    /// <summary>Connects.</summary>
    /// <param name="server">The database.</param>
    /// <param name="purpose">What for, as others see it.</param>
    /// <param name="pace">How long to wait for others.</param>
    /// <param name="limit">How long the script may run; the server stops a statement that runs longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="token">Stops the script.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal static async Task<PostgreSqlSession> OpenAsync(PostgreSqlServer server, string purpose, PostgreSqlPace pace, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        var runner = await server.OpenAsync(purpose, token);
        try
        {
            var other = await server.OpenAsync("control", token);
            var session = new PostgreSqlSession(server, runner, other, pace, limit, time, token);
            try
            {
                session.pid = await PostgreSqlPooler.RefuseAsync(server, runner, other, token);
                return session;
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

    /// <summary>Runs what the token may stop: it is cancelled on the server, and has ended when this has.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    internal async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        Token.ThrowIfCancellationRequested();
        var running = work();
        try
        {
            await WatchAsync(running);
            return await running;
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
        await Runner.DisposeAsync();
        await control.DisposeAsync();
    }

    private async Task WatchAsync(Task running)
    {
        while (true)
        {
            await running.WaitAsync(BetweenLooks, Time, Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (running.IsCompleted)
            {
                return;
            }

            if (Token.IsCancellationRequested)
            {
                await CancelAsync(running);
                return;
            }

            await LookAsync();
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
                await control.ExecuteAsync($"SELECT {act}($1)", [pid], CancellationToken.None);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(server, e);
            }

            await running.WaitAsync(BetweenCancels, Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var seen = await control.QueryAsync(
                """
                SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''), coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8
                FROM unnest(pg_blocking_pids($1)) b JOIN pg_stat_activity a ON a.pid = b LIMIT 3
                """,
                [pid],
                row => string.Create(CultureInfo.InvariantCulture, $"process {row.GetInt32(0)} ({row.GetString(1)}) of {row.GetString(2)}, {row.GetString(3)}, in a transaction for {row.GetDouble(4):0} s"),
                Token);
            Blockers = seen.Count > 0 ? string.Join("; ", seen) : Blockers;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // A look is not what was asked for; what keeps it from being taken shows in the statement itself.
        }
    }
}

using System.Globalization;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// One runner of migrations a database: a lock of the session, gone with it however it ends. It is asked for again and again and never waited for, since a
/// session that waits has a snapshot, and <c>CREATE INDEX CONCURRENTLY</c> of the holder waits for every snapshot.
/// </summary>
internal static class PostgreSqlRunnerLock
{
    private const string Key = "hashtextextended('deployops:' || current_database(), 0)";
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes it, and sets what the script runs under.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> with who holds it.</exception>
    internal static async Task TakeAsync(PostgreSqlSession session)
    {
        var started = session.Time.GetTimestamp();
        while (!await session.RunAsync(() => TryAsync(session)))
        {
            if (session.Time.GetElapsedTime(started) >= session.Pace.RunnerWait)
            {
                throw new DeployOpsException(
                    "MigrationBusy",
                    FaultKind.Busy,
                    $"Another runner migrates {session.Runner.Database}: {await HolderAsync(session)}.",
                    "Wait until it has ended, then run again.")
                { Target = session.Runner.Database };
            }

            await Task.Delay(BetweenTries, session.Time, session.Token);
        }
    }

    /// <summary>Takes it for the transaction that is open, where nobody has it.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c>.</exception>
    internal static async Task RefuseAsync(Npgsql.NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>($"SELECT pg_try_advisory_xact_lock({Key})", [], cancellationToken))
        {
            throw new DeployOpsException("MigrationBusy", FaultKind.Busy, $"A runner migrates {connection.Database}.", "Wait until it has ended, then run again.") { Target = connection.Database };
        }
    }

    // One question: every small script pays for it.
    private static async Task<bool> TryAsync(PostgreSqlSession session)
    {
        await using var batch = session.Runner.CreateBatch();
        batch.Add($"SELECT pg_try_advisory_lock({Key}), set_config('application_name', $1, false), {session.Settings}", session.ApplicationName);
        return await batch.ExecuteScalarAsync(session.Abort) is true;
    }

    private static async Task<string> HolderAsync(PostgreSqlSession session)
    {
        var holders = await session.RunAsync(() => session.Runner.QueryAsync(
            $"""
            SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.client_addr::text, 'local'), a.backend_start
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32 | l.objid::bigint) = {Key}
            """,
            [],
            row => string.Create(
                CultureInfo.InvariantCulture,
                $"process {row.GetInt32(0)} ({row.GetString(1)}) of {row.GetString(2)} from {row.GetString(3)}{(row.IsDBNull(4) ? "" : $" since {row.GetFieldValue<DateTime>(4):yyyy-MM-dd HH:mm:ss}Z")}"),
            CancellationToken.None));

        return holders.Count > 0 ? holders[0] : "it ended this moment";
    }
}

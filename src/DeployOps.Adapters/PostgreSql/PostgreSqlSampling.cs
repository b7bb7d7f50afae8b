using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The queries of one look. What others must not see of their statements, their text, is not read.</summary>
internal static class PostgreSqlSampling
{
    // A process without a type is one whose doings the account may not see.
    private const string Activity =
        """
        SELECT coalesce(state, ''), wait_event_type, coalesce(wait_event, ''), (SELECT bool_or(backend_type IS NULL) FROM pg_stat_activity)
        FROM pg_stat_activity WHERE pid = $1
        """;

    /// <summary>What is not seen by an account that may not.</summary>
    internal const string Hidden = "transactions and replication of other accounts: grant pg_monitor";

    // Of a session whose doings are hidden its locks are not, and every transaction holds one on itself.
    private const string HiddenTransactions =
        """
        SELECT l.virtualxid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'virtualxid' AND l.granted AND a.backend_type IS NULL AND a.usesysid IS NOT NULL AND a.datname = current_database() AND a.pid <> $1 AND a.pid <> pg_backend_pid()
        """;

    // SHARE and stronger: writers wait for each of them, readers too for the last.
    private const string StrongLocks =
        """
        SELECT format('%s on %s', l.mode, l.relation::regclass) FROM pg_locks l
        WHERE l.pid = $1 AND l.granted AND l.locktype = 'relation' AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 10
        """;

    // Only of those that wait: asking who blocks a session stops the lock table for a moment. Who waits is told by the locks, which every account may see. Who waits for such a lock
    // as VACUUM, ANALYZE and CREATE INDEX CONCURRENTLY take keeps a table in order and serves nobody.
    private const string Blocked =
        """
        SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - w.since)), 0)::float8,
            coalesce(array_agg(DISTINCT coalesce(nullif(a.application_name, ''), 'process ' || a.pid)), '{}')
        FROM (SELECT pid, {0} AS since FROM pg_locks WHERE NOT granted AND mode <> 'ShareUpdateExclusiveLock' GROUP BY pid) w JOIN pg_stat_activity a ON a.pid = w.pid
        WHERE coalesce(a.backend_type, 'client backend') = 'client backend' AND a.pid <> $1 AND $1 = ANY (pg_blocking_pids(a.pid))
        """;

    private const string Blockers =
        """
        SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''), coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8
        FROM unnest(pg_blocking_pids($1)) b JOIN pg_stat_activity a ON a.pid = b LIMIT 3
        """;

    // A base backup that is being copied replays nothing; who may not see replication sees rows without a state. Who reads the log by a logical slot is no replica, and gets nothing
    // while nobody writes what he reads: what his slot keeps is judged as a slot's.
    private const string Replicas =
        """
        SELECT coalesce(nullif(application_name, ''), 'process ' || pid), (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8, (replay_lsn - '0/0'::pg_lsn)::int8, extract(epoch FROM replay_lag)::float8
        FROM pg_stat_replication r WHERE (state IS NULL OR (state IN ('streaming', 'catchup') AND replay_lsn IS NOT NULL))
            AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
        """;

    private const string OldTransactions =
        """
        SELECT owner, age FROM (
            SELECT format('process %s (%s), %s,', pid, coalesce(application_name, ''), coalesce(state, '')) AS owner, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS age
            FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> $1 AND pid <> pg_backend_pid()
            UNION ALL SELECT format('prepared transaction %s', gid), extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts WHERE database = current_database()) t
        WHERE age > $2 ORDER BY age DESC LIMIT 5
        """;

    // A session does one of these at a time. Of rows that a client sends the server does not know how many are to come, of a file it does.
    private const string Work =
        """
        SELECT phase, CASE WHEN total > 0 THEN least(100, 100 * done / total)::int END FROM (
            SELECT phase, CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END AS done, CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END AS total
            FROM pg_stat_progress_create_index WHERE pid = $1
            UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster WHERE pid = $1
            UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum WHERE pid = $1{0}) p WHERE phase IS NOT NULL LIMIT 1
        """;

    private const string Analyzing =
        """

            UNION ALL SELECT phase, CASE phase WHEN 'computing extended statistics' THEN ext_stats_computed ELSE sample_blks_scanned END, CASE phase WHEN 'computing extended statistics' THEN ext_stats_total ELSE sample_blks_total END
            FROM pg_stat_progress_analyze WHERE pid = $1
        """;

    private const string Copying =
        """

            UNION ALL SELECT format('%s: %s rows', lower(command), tuples_processed), bytes_processed, bytes_total FROM pg_stat_progress_copy WHERE pid = $1
        """;

    // A slot that was made and never used keeps nothing. How much of the log may be written before one loses what it keeps is known only where the server has a limit.
    private const string Slots =
        """
        SELECT slot_name::text, active, coalesce(wal_status, ''), coalesce(greatest((pg_current_wal_lsn() - restart_lsn)::int8, 0), 0), safe_wal_size
        FROM pg_replication_slots WHERE restart_lsn IS NOT NULL OR wal_status = 'lost'
        """;

    /// <summary>The queries with their values, in the order in which they are read.</summary>
    /// <param name="version">The server's: since when a session waits is known from 14 on, before that since when its statement runs; how far an ANALYZE is from 13 on, a COPY from 14 on.</param>
    /// <param name="pid">The process that runs the script.</param>
    /// <param name="oldFrom">From what age on a transaction of somebody else is told.</param>
    internal static IEnumerable<(string Sql, object[] Values)> Queries(int version, int pid, TimeSpan oldFrom)
    {
        yield return (Activity, [pid]);
        yield return (StrongLocks, [pid]);
        yield return (Blocked.Replace("{0}", version >= 14 ? "min(waitstart)" : "(SELECT query_start FROM pg_stat_activity s WHERE s.pid = pg_locks.pid)", StringComparison.Ordinal), [pid]);
        yield return (Blockers, [pid]);
        yield return (Replicas, []);
        yield return (OldTransactions, [pid, oldFrom.TotalSeconds]);
        yield return (Work.Replace("{0}", (version >= 13 ? Analyzing : "") + (version >= 14 ? Copying : ""), StringComparison.Ordinal), [pid]);
        yield return (Slots, []);
        yield return (HiddenTransactions, [pid]);
    }

    /// <summary>How many replicas follow the database; null where the account may not see that.</summary>
    internal static async Task<int?> CountReplicasAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var seen = await connection.QueryAsync(Replicas, [], row => !row.IsDBNull(2), cancellationToken);
        return seen.Contains(false) ? null : seen.Count;
    }

    /// <summary>Whether there are processes whose doings the account may not see.</summary>
    internal static Task<bool> HidesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT bool_or(backend_type IS NULL) FROM pg_stat_activity", [], cancellationToken);

    /// <summary>One that blocks the script, in words.</summary>
    internal static string Blocker(NpgsqlDataReader row) =>
        string.Create(CultureInfo.InvariantCulture, $"process {row.GetInt32(0)} ({row.GetString(1)}) of {row.GetString(2)}, {row.GetString(3)}, in a transaction for {row.GetDouble(4):0} s");
}

using System.Globalization;
using DeployOps.Migrations.States;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Reads what a database consists of in one read-only transaction, and how far its replicas are. What belongs to an extension or to the history is left out.</summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
/// <param name="delayed">The names of replicas that are behind on purpose.</param>
internal sealed class PostgreSqlStates(PostgreSqlServer server, DatabaseJobs jobs, IReadOnlyList<string> delayed) : IStateTarget
{
    private const int LargestCounted = 16 << 20;
    private const int AtATime = 200;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private const string Ours = """
        n.nspname <> 'information_schema' AND n.nspname <> 'deployops' AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
        """;

    private const string Columns = $"""
        SELECT format('column %I.%I.%I %s', n.nspname, c.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, 'default ' || pg_get_expr(d.adbin, d.adrelid)))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'f') AND {Ours}
        """;

    private static readonly string[] Objects =
    [
        $"SELECT format('table %I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f') AND {Ours}",
        $"SELECT format('view %I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {Ours}",
        Columns,
        $"""
        SELECT format('constraint %I.%I.%I %s', n.nspname, c.relname, o.conname, pg_get_constraintdef(o.oid))
        FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {Ours}
        """,
        $"""
        SELECT format('index %I.%I %s', n.nspname, r.relname, substring(pg_get_indexdef(i.indexrelid) FROM ' ON (.*)')) || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
        FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND {Ours}
        """,
    ];

    // Rows are counted of small tables only, and only where the account may read them. What the server has seen written and deleted tells of the others; nothing, where it forgot.
    private const string Tables = $"""
        SELECT format('%I.%I', n.nspname, c.relname), pg_relation_filenode(c.oid)::bigint,
               (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1),
               c.relkind = 'r' AND NOT c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT') AND pg_relation_size(c.oid) <= $1,
               CASE WHEN c.relkind = 'r' AND pg_stat_get_live_tuples(c.oid) + pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0 THEN pg_stat_get_live_tuples(c.oid) END,
               ARRAY(SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_constraint o JOIN pg_class p ON p.oid = o.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
                     WHERE o.conrelid = c.oid AND o.contype = 'f' AND o.confdeltype = 'c' ORDER BY 1)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {Ours} ORDER BY 1
        """;

    private const string InvalidIndexes = $"""
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT i.indisvalid AND c.relkind = 'i' AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AND {Ours} ORDER BY 1
        """;

    private const string Unvalidated = $"""
        SELECT format('%s on %s', quote_ident(o.conname), o.conrelid::regclass) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT o.convalidated AND {Ours} ORDER BY 1
        """;

    // Those of a foreign key, of which there are several, are told as the key. What acts only where changes of another server are applied does not act here.
    private const string Disabled = $"""
        SELECT DISTINCT format('%s %I on %s', CASE WHEN o.oid IS NULL THEN 'trigger' WHEN o.contype = 'f' THEN 'foreign key' ELSE 'constraint' END, coalesce(o.conname, t.tgname), coalesce(o.conrelid, t.tgrelid)::regclass)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_constraint o ON o.oid = t.tgconstraint AND t.tgisinternal
        WHERE t.tgenabled IN ('D', 'R') AND {Ours}
        UNION ALL
        SELECT format('rule %I on %s', r.rulename, r.ev_class::regclass) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.ev_enabled IN ('D', 'R') AND {Ours} ORDER BY 1
        """;

    // The highest number is asked for only where an index has it at its end.
    private const string Sequences = $"""
        SELECT s.oid::bigint, s.oid::regclass::text, format('%I.%I.%I', n.nspname, c.relname, a.attname),
               CASE WHEN has_table_privilege(c.oid, 'SELECT') AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum)
                    THEN format('SELECT max(%I)::bigint FROM %I.%I', a.attname, n.nspname, c.relname) END
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0 JOIN pg_class c ON c.oid = d.refobjid
             JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
          AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END AND {Ours} ORDER BY 2
        """;

    // A subscriber of logical replication gets no schema, a tool that only receives the log applies nothing.
    private const string Replicas = """
        SELECT coalesce(nullif(r.application_name, ''), r.client_addr::text, 'a replica'), r.state IS NULL, pg_wal_lsn_diff($1::text::pg_lsn, r.replay_lsn)::bigint
        FROM pg_stat_replication r
        WHERE (r.state IS NULL OR (r.state IN ('streaming', 'catchup') AND r.replay_lsn IS NOT NULL)) AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
        """;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<DatabaseState> ReadAsync(StateMoment moment, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            await connection.ExecuteAsync(token, ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL lock_timeout = '5s'", "SET LOCAL statement_timeout = '5min'", "SET LOCAL search_path = ''"]);
            var columns = await ColumnHashesAsync(connection, token);
            var highest = await HighestAsync(connection, token);
            return new DatabaseState
            {
                Tables = await TablesAsync(connection, columns, token),
                Objects = await ObjectsAsync(connection, token),
                InvalidIndexes = await TextsAsync(connection, InvalidIndexes, token),
                UnvalidatedConstraints = await TextsAsync(connection, Unvalidated, token),
                Disabled = await TextsAsync(connection, Disabled, token),
                Sequences = await NextAsync(connection, highest, token),
            };
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReplicaState>> ReplicasAsync(TimeSpan longest, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            if (await connection.ScalarAsync<bool>("SELECT pg_is_in_recovery()", [], token))
            {
                return [];
            }

            var position = await connection.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", [], token);
            var started = jobs.Time.GetTimestamp();
            while (true)
            {
                var waited = jobs.Time.GetElapsedTime(started);
                var replicas = await connection.QueryAsync(Replicas, [position], row => new ReplicaState(row.GetString(0), row.GetBoolean(1) ? null : Math.Max(0, row.GetInt64(2)), waited) { IsDelayed = delayed.Contains(row.GetString(0), StringComparer.Ordinal) }, token);
                if (replicas.All(replica => !replica.IsLate || replica.BytesBehind is null) || waited >= longest)
                {
                    return (IReadOnlyList<ReplicaState>)replicas;
                }

                await Task.Delay(BetweenLooks, jobs.Time, token);
            }
        },
        cancellationToken);

    private Task<T> AskAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            await using var connection = await server.OpenAsync("state", token);
            try
            {
                return await ask(connection, token);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(server, e);
            }
        },
        cancellationToken);

    private static async Task<IReadOnlyList<TableState>> TablesAsync(NpgsqlConnection connection, Dictionary<string, string> columns, CancellationToken token)
    {
        var found = await connection.QueryAsync(
            Tables,
            [(long)LargestCounted],
            row => (Name: row.GetString(0), Storage: row.IsDBNull(1) ? (long?)null : row.GetInt64(1), Parent: row.IsDBNull(2) ? null : row.GetString(2), IsCounted: row.GetBoolean(3), About: row.IsDBNull(4) ? (long?)null : row.GetInt64(4), Follows: row.GetFieldValue<string[]>(5)),
            token);
        var counts = await NumbersAsync(connection, [.. found.Where(table => table.IsCounted).Select(table => $"SELECT count(*) FROM ONLY {table.Name}")], token);
        var counted = 0;
        return
        [
            .. found.Select(table => new TableState(table.Name, columns.GetValueOrDefault(table.Name, ""), table.Storage, table.IsCounted ? counts[counted++] : table.About, table.Parent)
            {
                IsEstimate = !table.IsCounted && table.About is not null,
                Follows = table.Follows,
            }),
        ];
    }

    // Many at a time: there may be thousands of tables, and each way to the server and back takes its time.
    private static async Task<List<long?>> NumbersAsync(NpgsqlConnection connection, IReadOnlyList<string> queries, CancellationToken token)
    {
        var numbers = new List<long?>();
        foreach (var some in queries.Chunk(AtATime))
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var query in some)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(query));
            }

            await using var reader = await batch.ExecuteReaderAsync(token);
            do
            {
                numbers.Add(await reader.ReadAsync(token) && !reader.IsDBNull(0) ? reader.GetInt64(0) : null);
            }
            while (await reader.NextResultAsync(token));
        }

        return numbers;
    }

    private static async Task<Dictionary<string, string>> ColumnHashesAsync(NpgsqlConnection connection, CancellationToken token)
    {
        var hashes = await connection.QueryAsync(
            $"""
            SELECT format('%I.%I', n.nspname, c.relname), md5(string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)), ',' ORDER BY a.attnum))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE c.relkind IN ('r', 'p') AND {Ours} GROUP BY 1
            """,
            [],
            row => (Name: row.GetString(0), Hash: row.GetString(1)),
            token);
        return hashes.ToDictionary(one => one.Name, one => one.Hash, StringComparer.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> ObjectsAsync(NpgsqlConnection connection, CancellationToken token)
    {
        var lines = new List<string>();
        foreach (var query in Objects)
        {
            lines.AddRange(await TextsAsync(connection, query, token));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<(long Sequence, string Name, string Column, long? Highest)>> HighestAsync(NpgsqlConnection connection, CancellationToken token)
    {
        var found = await connection.QueryAsync(Sequences, [], row => (Sequence: row.GetInt64(0), Name: row.GetString(1), Column: row.GetString(2), Query: row.IsDBNull(3) ? null : row.GetString(3)), token);
        var highest = await NumbersAsync(connection, [.. found.Select(one => one.Query).OfType<string>()], token);
        var asked = 0;
        return [.. found.Select(one => (one.Sequence, one.Name, one.Column, one.Query is null ? null : highest[asked++]))];
    }

    // After the numbers in use: a row that comes between the two looks moves the sequence before it is seen.
    private static async Task<IReadOnlyList<SequenceState>> NextAsync(NpgsqlConnection connection, IReadOnlyList<(long Sequence, string Name, string Column, long? Highest)> highest, CancellationToken token)
    {
        var next = (await connection.QueryAsync(
            "SELECT q.seqrelid::bigint, coalesce(pg_sequence_last_value(q.seqrelid) + q.seqincrement, q.seqstart) FROM pg_sequence q WHERE q.seqrelid = ANY($1::bigint[]::oid[])",
            [highest.Select(one => one.Sequence).ToArray()],
            row => (Sequence: row.GetInt64(0), Next: row.GetInt64(1)),
            token)).ToDictionary(one => one.Sequence, one => one.Next);
        return [.. highest.Where(one => next.ContainsKey(one.Sequence)).Select(one => new SequenceState(one.Name, one.Column, next[one.Sequence], one.Highest))];
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(NpgsqlConnection connection, string query, CancellationToken token) =>
        await connection.QueryAsync(query, [], row => Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture)!, token);
}

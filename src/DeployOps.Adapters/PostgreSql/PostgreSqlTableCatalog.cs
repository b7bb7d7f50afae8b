using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// How large and how busy tables are, what uses them and what indexes they have, by the server's catalogue and statistics. A partitioned table is the sum of its partitions, an index stands for its table.
/// Writes are counted between two looks a second apart, since nobody knows when the server's counters began; who was never written is not looked at twice.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class PostgreSqlTableCatalog(PostgreSqlServer server, DatabaseJobs jobs) : ITableCatalog
{
    // The server's sessions tell what they wrote once a second.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(1100);

    private const string Tables = """
        SELECT t.name, sum(greatest(p.reltuples::bigint, s.n_live_tup, 0))::bigint, sum(pg_total_relation_size(p.oid))::bigint, coalesce(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::bigint,
               (SELECT count(DISTINCT f.conrelid) FROM pg_constraint f WHERE f.confrelid = c.oid AND f.contype = 'f' AND f.conrelid <> c.oid)::int,
               bool_or(p.reltuples < 0 AND coalesce(s.n_live_tup, 0) = 0 AND pg_relation_size(p.oid) > 0)
        FROM unnest($1::text[]) t(name) JOIN pg_class r ON r.oid = to_regclass(t.name) LEFT JOIN pg_index i ON i.indexrelid = r.oid JOIN pg_class c ON c.oid = coalesce(i.indrelid, r.oid)
             LEFT JOIN LATERAL pg_partition_tree(c.oid) m ON true JOIN pg_class p ON p.oid = coalesce(m.relid, c.oid) AND (m.isleaf OR p.relkind <> 'p') LEFT JOIN pg_stat_all_tables s ON s.relid = p.oid
        WHERE c.relkind IN ('r', 'p', 'm') GROUP BY t.name, c.oid
        """;

    private const string Indexed = """
        SELECT t.name, ARRAY(SELECT DISTINCT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL)
        FROM unnest($1::text[]) t(name) JOIN pg_class c ON c.oid = to_regclass(t.name) WHERE c.relkind IN ('r', 'p')
        """;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c> where somebody locks one of them out, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken) =>
        AskAsync((connection, token) => FindAsync(connection, [.. names.Select(name => name.Written)], token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindUsesAsync(IReadOnlyCollection<LostObject> objects, CancellationToken cancellationToken) =>
        AskAsync((connection, token) => PostgreSqlObjectUses.FindAsync(connection, [.. objects], token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> FindIndexedAsync(IReadOnlyCollection<SqlName> tables, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            var found = await connection.QueryAsync(Indexed, [tables.Select(table => table.Written).ToArray()], row => (Name: row.GetString(0), Columns: row.GetFieldValue<string[]>(1)), token);
            return (IReadOnlyDictionary<string, IReadOnlySet<string>>)found.ToDictionary(one => one.Name, one => (IReadOnlySet<string>)one.Columns.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        },
        cancellationToken);

    private Task<T> AskAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            await using var connection = await server.OpenAsync("catalogue", token);
            try
            {
                await connection.ExecuteAsync(token, "SET lock_timeout = '2s'", "SET statement_timeout = '30s'", "SET default_transaction_read_only = on");
                return await ask(connection, token);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(server, e);
            }
        },
        cancellationToken);

    private async Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(NpgsqlConnection connection, string[] names, CancellationToken token)
    {
        var started = jobs.Time.GetTimestamp();
        var first = await LookAsync(connection, names, token);
        var written = first.Where(table => table.Writes > 0 && !Facts(table, writesPerSecond: null).IsLarge).Select(table => table.Name).ToArray();
        if (written.Length == 0)
        {
            return first.ToDictionary(table => table.Name, table => Facts(table, table.Writes == 0 ? 0 : null), StringComparer.Ordinal);
        }

        await Task.Delay(BetweenLooks, jobs.Time, token);
        var second = (await LookAsync(connection, written, token)).ToDictionary(table => table.Name, table => table.Writes, StringComparer.Ordinal);
        var seconds = jobs.Time.GetElapsedTime(started).TotalSeconds;
        return first.ToDictionary(table => table.Name, table => Facts(table, Rate(table, second, seconds)), StringComparer.Ordinal);
    }

    private static double? Rate(Look table, Dictionary<string, long> later, double seconds) =>
        table.Writes == 0 ? 0 : later.TryGetValue(table.Name, out var writes) ? Math.Max(0, writes - table.Writes) / seconds : null;

    private static TableFacts Facts(Look table, double? writesPerSecond) => new(table.Rows, table.Bytes, writesPerSecond, table.ReferencedBy);

    private static Task<List<Look>> LookAsync(NpgsqlConnection connection, string[] names, CancellationToken token) => connection.QueryAsync(
        Tables,
        [names],
        row => new Look(row.GetString(0), row.GetBoolean(5) ? null : row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt32(4)),
        token);

    private sealed record Look(string Name, long? Rows, long Bytes, long Writes, int ReferencedBy);
}

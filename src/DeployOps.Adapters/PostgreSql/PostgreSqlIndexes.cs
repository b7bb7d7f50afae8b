using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Finds and removes the invalid indexes that a statement which ran beside writers left behind. The server takes such an index for one of that name:
/// <c>IF NOT EXISTS</c> over it is a success that is none.
/// </summary>
/// <param name="session">Where the script runs, in no transaction.</param>
internal sealed class PostgreSqlIndexes(PostgreSqlSession session)
{
    // Which index another account makes is not told to everybody; on which table it does is.
    private const string Holds = "EXISTS (SELECT FROM pg_locks l WHERE l.pid = p.pid AND l.relation = i.indrelid AND l.granted)";

    private const string Known = $"""
        SELECT format('%I.%I', n.nspname, c.relname), EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid OR (p.index_relid IS NULL AND {Holds}))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT i.indisvalid AND c.relkind = 'i'
        """;

    /// <summary>Whether the index of that name beside its table exists and is valid; null where there is none.</summary>
    internal async Task<bool?> IsValidAsync(PostgreSqlIndex index)
    {
        var found = await PostgreSqlSession.SettleAsync(() => session.Runner.QueryAsync(
            """
            SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE c.relname = (parse_ident($1))[1]::name AND c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = to_regclass($2))
            """,
            [index.Name, index.Table],
            row => row.GetBoolean(0),
            session.Abort));

        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Whether there is a valid index of that name on its table, and not on another one beside it.</summary>
    internal async Task<bool> IsMadeAsync(PostgreSqlIndex index) => (await PostgreSqlSession.SettleAsync(() => session.Runner.QueryAsync(
        "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = (parse_ident($1))[1]::name AND i.indrelid = to_regclass($2)",
        [index.Name, index.Table],
        row => row.GetBoolean(0),
        session.Abort))) is [true];

    /// <summary>Removes the invalid index of the name that a statement is to make.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> where another session is making it at this moment.</exception>
    internal async Task ClearAsync(PostgreSqlIndex index)
    {
        if (index.Name is not null)
        {
            await RemoveAsync($"{Known} AND c.relname = (parse_ident($1))[1]::name AND i.indrelid = to_regclass($2)", [index.Name, index.Table], refuseBusy: true);
        }
    }

    /// <summary>Removes what a failed statement left: on the table of its index, or under the names that a rebuild uses, and not there before the script began.</summary>
    /// <returns>What was removed; empty where nothing was left.</returns>
    internal async Task<IReadOnlyList<string>> RemoveLeftAsync(SqlStatement statement, IReadOnlyList<long> before)
    {
        var known = before.ToArray();
        return PostgreSqlIndex.Of(statement) is { } index
            ? await RemoveAsync($"{Known} AND NOT i.indexrelid::bigint = ANY($1) AND i.indrelid = to_regclass($2)", [known, index.Table], refuseBusy: false)
            : statement.Begins("REINDEX")
                ? await RemoveAsync($"{Known} AND NOT i.indexrelid::bigint = ANY($1) AND c.relname ~ '_cc(new|old)[0-9]*$'", [known], refuseBusy: false)
                : [];
    }

    private async Task<IReadOnlyList<string>> RemoveAsync(string query, object?[] values, bool refuseBusy)
    {
        var removed = new List<string>();
        foreach (var (name, isBusy) in await session.RunAsync(() => session.Runner.QueryAsync(query, values, row => (row.GetString(0), row.GetBoolean(1)), session.Abort)))
        {
            if (!isBusy)
            {
                await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, $"DROP INDEX CONCURRENTLY IF EXISTS {name}"));
                removed.Add(name);
            }
            else if (refuseBusy)
            {
                throw new DeployOpsException("MigrationBusy", FaultKind.Busy, $"Another session is making the index {name} at this moment.", "Wait until it has ended, then run again.") { Target = name };
            }
        }

        return removed;
    }
}

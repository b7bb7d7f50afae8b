using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The database's own tables and indexes: what they are called, whatever the session's path is, in which files they lie, and what of them a process has locked. Nothing is locked to ask.</summary>
internal static class PostgreSqlRelations
{
    private const string Own = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'deployops')";

    private const string Name = "CASE WHEN n.nspname = 'public' THEN '' ELSE pg_catalog.quote_ident(n.nspname) || '.' END || pg_catalog.quote_ident(c.relname)";

    // From weak to strong: https://www.postgresql.org/docs/15/explicit-locking.html, table 13.2.
    internal static readonly string[] Modes =
        ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"];

    /// <summary>Where the server's log stands, in bytes.</summary>
    internal const string Logged = "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint";

    /// <summary>What a process (<c>$1</c>) has locked, as far as the session that asks knows it: by number and name, with the mode.</summary>
    internal const string Locks = $"""
        SELECT l.relation, {Name}, l.mode FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = $1 AND l.locktype = 'relation' AND l.granted AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
          AND c.relkind IN ('r', 'p', 'm') AND {Own}
        """;

    /// <summary>The strongest mode of each, from <see cref="Locks"/>, as a place in <see cref="Modes"/>.</summary>
    internal static Dictionary<string, int> Strongest(IEnumerable<(string Name, string Mode)> held) =>
        held.GroupBy(one => one.Name, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Max(one => Array.IndexOf(Modes, one.Mode)), StringComparer.Ordinal);

    /// <summary>Those that are stronger than before, in words, by name.</summary>
    internal static IReadOnlyList<string> Stronger(Dictionary<string, int> before, Dictionary<string, int> after) =>
        [.. after.Where(held => held.Value > before.GetValueOrDefault(held.Key, -1)).Select(held => $"{held.Key} {Modes[held.Value]}").Order(StringComparer.Ordinal)];

    /// <summary>The files that tables and indexes lie in, by their numbers.</summary>
    internal static async Task<Dictionary<uint, (string Name, uint File)>> FilesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"SELECT c.oid, {Name}, c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'i', 'm') AND {Own}",
            [],
            row => (Oid: row.GetFieldValue<uint>(0), Name: row.GetString(1), File: row.GetFieldValue<uint>(2)),
            cancellationToken)).ToDictionary(one => one.Oid, one => (one.Name, one.File));

    /// <summary>What lies in another file than before, by name.</summary>
    internal static IReadOnlyList<string> Rewritten(Dictionary<uint, (string Name, uint File)> before, Dictionary<uint, (string Name, uint File)> after) =>
        [.. before.Where(file => after.TryGetValue(file.Key, out var now) && now.File != file.Value.File).Select(file => file.Value.Name).Order(StringComparer.Ordinal)];
}

using DeployOps.Migrations.States;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// The rows of each table that point to a row which does not exist. Scripts run with foreign keys off, as rebuilding a table needs,
/// so this is looked at afterwards and, where there are any, compared with before: orphans that were there already are common and stop nobody.
/// </summary>
internal sealed class SqliteForeignKeys
{
    private const int SampleRows = 3;

    // Null where SQLite cannot check the table, since a key points to columns that are not a key there.
    private readonly Dictionary<string, long?> counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> samples = new(StringComparer.OrdinalIgnoreCase);

    private SqliteForeignKeys()
    {
    }

    /// <summary>Looks at every table.</summary>
    internal static SqliteForeignKeys Read(SqliteSession session)
    {
        var tables = new List<string>();
        session.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name", row => tables.Add(raw.sqlite3_column_text(row, 0).utf8_to_string()));
        var found = new SqliteForeignKeys();
        foreach (var table in tables)
        {
            found.Count(session, table);
        }

        return found;
    }

    /// <summary>Whether no row points to nothing, and every key could be checked.</summary>
    internal bool IsWhole => counts.Values.All(count => count == 0);

    /// <summary>How many there are in each table that has a foreign key to check.</summary>
    internal IReadOnlyList<OrphanState> States() => [.. counts.Select(pair => new OrphanState(pair.Key, pair.Value))];

    /// <summary>Says which tables have more orphans than before, with sample rows; null where none has.</summary>
    internal string? WorseThan(SqliteForeignKeys before)
    {
        var grown = counts.Where(pair => before.counts.TryGetValue(pair.Key, out var was) && IsWorse(pair.Value, was));
        var fresh = counts.Where(pair => !before.counts.ContainsKey(pair.Key) && (pair.Value is null or > 0));

        // A renamed table brings its old orphans along: only a higher sum tells that a new name has new ones.
        var rose = counts.Values.Sum() > before.counts.Values.Sum() || counts.Any(pair => pair.Value is null && !before.counts.ContainsKey(pair.Key));
        var worse = (rose ? grown.Concat(fresh) : grown).Select(Describe).ToList();

        return worse.Count == 0 ? null : string.Join("; ", worse);
    }

    private static bool IsWorse(long? now, long? was) => now is null ? was is not null : now > (was ?? 0);

    private string Describe(KeyValuePair<string, long?> pair) => pair.Value is null
        ? $"{pair.Key}: a foreign key points to columns that are not a key"
        : $"{pair.Key}: {pair.Value} rows point to a row that does not exist, such as {string.Join(", ", samples[pair.Key])}";

    private void Count(SqliteSession session, string table)
    {
        long count = 0;
        var rows = new List<string>();
        try
        {
            session.Query($"PRAGMA foreign_key_check({SqliteNames.Quote(table)})", row =>
            {
                if (++count <= SampleRows)
                {
                    var id = raw.sqlite3_column_type(row, 1) == raw.SQLITE_NULL ? "a row" : $"row {raw.sqlite3_column_int64(row, 1)}";
                    rows.Add($"{id} -> {raw.sqlite3_column_text(row, 2).utf8_to_string()}");
                }
            });
            counts[table] = count;
            samples[table] = rows;
        }
        catch (SqliteFault fault) when (fault.Message.Contains("foreign key mismatch", StringComparison.Ordinal))
        {
            counts[table] = null;
        }
    }
}

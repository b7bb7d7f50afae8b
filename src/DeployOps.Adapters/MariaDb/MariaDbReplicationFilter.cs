using System.Text;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// What a binary log, or a server that replicates, leaves out. Filters of databases go by the one that a statement was run in, filters of tables by the tables that it names: what is made in a
/// database of its own and moved into another one is left out and moved all the same, and whoever replays that stops.
/// </summary>
/// <param name="Prefix">What the names of its options begin with: <c>binlog_</c> or <c>replicate_</c>.</param>
internal sealed record MariaDbReplicationFilter(string Prefix)
{
    private const RegexOptions Whole = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking;

    // What a restore makes and drops; any digits stand for a run's.
    private static readonly string[] Own = [MariaDbScratch.Restore + "000000000000", MariaDbScratch.Replaced + "000000000000"];

    /// <summary>The only databases; empty for all.</summary>
    internal IReadOnlyList<string> DoDatabases { get; init; } = [];

    /// <summary>Databases that are left out.</summary>
    internal IReadOnlyList<string> IgnoreDatabases { get; init; } = [];

    /// <summary>Databases that are another one there: <c>shop->store</c>.</summary>
    internal IReadOnlyList<string> Rewrites { get; init; } = [];

    /// <summary>The only tables: <c>shop.orders</c>.</summary>
    internal IReadOnlyList<string> DoTables { get; init; } = [];

    /// <summary>Tables that are left out.</summary>
    internal IReadOnlyList<string> IgnoreTables { get; init; } = [];

    /// <summary>The only tables, by patterns: <c>shop.%</c>.</summary>
    internal IReadOnlyList<string> WildDoTables { get; init; } = [];

    /// <summary>Tables that are left out, by patterns.</summary>
    internal IReadOnlyList<string> WildIgnoreTables { get; init; } = [];

    /// <summary>Reads that of a row of <c>SHOW MASTER STATUS</c>.</summary>
    internal static MariaDbReplicationFilter OfLog(MySqlDataReader row) => new("binlog_") { DoDatabases = List(row, "Binlog_Do_DB"), IgnoreDatabases = List(row, "Binlog_Ignore_DB") };

    /// <summary>Reads that of a row of <c>SHOW ALL SLAVES STATUS</c>.</summary>
    internal static MariaDbReplicationFilter OfReplica(MySqlDataReader row) => new("replicate_")
    {
        DoDatabases = List(row, "Replicate_Do_DB"),
        IgnoreDatabases = List(row, "Replicate_Ignore_DB"),
        Rewrites = List(row, "Replicate_Rewrite_DB"),
        DoTables = List(row, "Replicate_Do_Table"),
        IgnoreTables = List(row, "Replicate_Ignore_Table"),
        WildDoTables = List(row, "Replicate_Wild_Do_Table"),
        WildIgnoreTables = List(row, "Replicate_Wild_Ignore_Table"),
    };

    /// <summary>Whether nothing of a database passes.</summary>
    internal bool LeavesOut(string database) =>
        (DoDatabases.Count > 0 ? !Names(DoDatabases, database) : Names(IgnoreDatabases, database))
        || (!Has(DoTables, database) && !Has(WildDoTables, database) && (DoTables.Count + WildDoTables.Count > 0 || Covers(WildIgnoreTables, database)));

    /// <summary>The filter by which the exchange of a database passes and what it needs does not, such as <c>replicate_do_db=shop</c>; null where there is none.</summary>
    internal string? Splits(string database) =>
        LeavesOut(database) ? null
        : DoDatabases.Count > 0 ? Option("do_db", DoDatabases)
        : Rewrites.Any(rewrite => rewrite.StartsWith($"{database}->", StringComparison.OrdinalIgnoreCase)) ? Option("rewrite_db", Rewrites)
        : Has(DoTables, database) ? Option("do_table", DoTables)
        // One table that is left out takes the whole statement with it.
        : Has(IgnoreTables, database) ? Option("ignore_table", IgnoreTables)
        : WildDoTables.Count > 0 && Own.Append(database).Any(one => !Covers(WildDoTables, one)) ? Option("wild_do_table", WildDoTables)
        : Own.Append(database).Any(one => Has(WildIgnoreTables, one)) ? Option("wild_ignore_table", WildIgnoreTables)
        : null;

    private static IReadOnlyList<string> List(MySqlDataReader row, string column)
    {
        // Older versions do not tell of all.
        var at = Enumerable.Range(0, row.FieldCount).FirstOrDefault(number => row.GetName(number).Equals(column, StringComparison.OrdinalIgnoreCase), -1);
        return at < 0 ? [] : row.Text(at).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static bool Names(IReadOnlyList<string> databases, string database) => databases.Contains(database, StringComparer.OrdinalIgnoreCase);

    private static bool Has(IReadOnlyList<string> tables, string database) => tables.Any(table => Matches(table, database));

    private static bool Covers(IReadOnlyList<string> tables, string database) => tables.Any(table => table.EndsWith(".%", StringComparison.Ordinal) && Matches(table, database));

    // A name is a pattern that matches itself.
    private static bool Matches(string table, string database) => Regex.IsMatch(database, Pattern(table[..Math.Max(table.IndexOf('.', StringComparison.Ordinal), 0)]), Whole);

    private static string Pattern(string like)
    {
        var pattern = new StringBuilder("^");
        for (var at = 0; at < like.Length; at++)
        {
            pattern.Append(like[at] switch
            {
                '%' => ".*",
                '_' => ".",
                '\\' when at + 1 < like.Length => Regex.Escape(like[++at].ToString()),
                var letter => Regex.Escape(letter.ToString()),
            });
        }

        return pattern.Append('$').ToString();
    }

    private string Option(string name, IReadOnlyList<string> values) => $"{Prefix}{name}={string.Join(',', values)}";
}

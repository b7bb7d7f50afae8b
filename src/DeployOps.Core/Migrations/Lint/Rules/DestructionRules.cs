using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// What loses data, and what touches more of it than was meant. DST001 stands in squawk (ban-drop-table, ban-drop-column, ban-drop-database, ban-truncate-cascade,
/// ban-drop-not-null) and in Atlas (DS101 to DS103, CD101); DST002 is our own.
/// </summary>
internal static class DestructionRules
{
    private static readonly SqlDialect[] Every = [SqlDialect.PostgreSql, SqlDialect.MariaDb, SqlDialect.Sqlite];

    private const string Lost = "What it holds is lost, and going back does not bring it back.";
    private const string SayWhy = "Do it a release after the last version that uses it, and say why by '-- deployops: destructive reason=\"…\"' before it.";

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("DST001", "drop-table", LintSeverity.Error, Lost, SayWhy, Dropped) { Dialects = Every, BySize = false, OfUndo = false },
        new("DST001", "drop-column", LintSeverity.Error, Lost, SayWhy, DroppedColumns) { Dialects = Every, BySize = false, OfUndo = false },
        new("DST001", "drop-schema", LintSeverity.Error, Lost, SayWhy,
            statement => statement.All.Begins("DROP", "SCHEMA") || statement.All.Begins("DROP", "DATABASE") ? [new LintHit()] : []) { Dialects = Every, BySize = false, OfUndo = false },
        new("DST001", "drop-owned", LintSeverity.Error,
            "Every table, and whatever else the role owns in this database by then, is dropped with what it holds, and its rights are taken away.",
            "Drop what is meant by name, or REASSIGN OWNED; say why by '-- deployops: destructive reason=\"…\"' where it must be.",
            statement => statement.All.Begins("DROP", "OWNED") && !statement.All.HasAtTop("CASCADE") ? [new LintHit()] : []) { BySize = false, OfUndo = false },
        new("DST001", "drop-cascade", LintSeverity.Error,
            "What depends on it is dropped too, whatever that is by then.",
            "Drop what depends on it by name; say why by '-- deployops: destructive reason=\"…\"' where it must be.",
            statement => (statement.All.Begins("DROP") && !IsOfTheOthers(statement) || DropsInTable(statement)) && statement.All.HasAtTop("CASCADE") ? [new LintHit(statement.Alter?.Table)] : [])
        { BySize = false, OfUndo = false },
        new("DST001", "truncate", LintSeverity.Error, "Every row is lost, under a lock against reads and writes.", SayWhy, Truncated) { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb], BySize = false },
        new("DST001", "drop-not-null", LintSeverity.Warning,
            "Readers that count on a value meet NULL.",
            "Let the running version cope with NULL first.",
            statement => statement.Alter is { } alter && alter.Actions.Any(action => action.Begins("ALTER") && action.Has("DROP", "NOT", "NULL")) ? [new LintHit(alter.Table)] : []) { BySize = false, OfUndo = false },
        new("DST002", "change-without-where", LintSeverity.Error,
            "Every row is written in one statement: locks until the end, twice the space, replicas behind.",
            "Give it a WHERE; fill in chunks with '-- deployops: repeat-until-zero chunk=5000'.",
            statement => Changes(statement, hasWhere: false)) { Dialects = Every },
        new("DST002", "change-of-a-large-table", LintSeverity.Warning,
            "A statement over a large table may write very many rows: locks until the end, replicas behind.",
            "Do it in chunks with '-- deployops: repeat-until-zero chunk=5000'.",
            statement => IsChunked(statement) ? [] : Changes(statement, hasWhere: true).Concat(Moved(statement)))
        { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb], BySize = false, OnlyLarge = true },
    ];

    private static IEnumerable<LintHit> Dropped(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("DROP") || !(cursor.Take("FOREIGN", "TABLE") || cursor.Take("TABLE") || cursor.Take("TABLES") || cursor.Take("MATERIALIZED", "VIEW")))
        {
            yield break;
        }

        foreach (var name in cursor.TakeNames())
        {
            yield return new LintHit(name);
        }
    }

    private static IEnumerable<LintHit> DroppedColumns(LintStatement statement) =>
        statement.Alter is { } alter && alter.Beginning("DROP").Any(action => alter.DroppedColumn(action) is not null) ? [new LintHit(alter.Table)] : [];

    // Told by a rule of their own, or within ALTER TABLE.
    private static bool IsOfTheOthers(LintStatement statement) =>
        statement.All.Begins("DROP", "TABLE") || statement.All.Begins("DROP", "SCHEMA") || statement.All.Begins("DROP", "DATABASE") || statement.All.Begins("DROP", "FOREIGN", "TABLE") || statement.All.Begins("DROP", "MATERIALIZED");

    private static bool DropsInTable(LintStatement statement) => statement.Alter is { } alter && alter.Beginning("DROP").Any(action => alter.DroppedColumn(action) is null);

    private static IEnumerable<LintHit> Truncated(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("TRUNCATE"))
        {
            return [];
        }

        cursor.Take("TABLE");
        return cursor.TakeNames().Select(name => new LintHit(name));
    }

    private static IEnumerable<LintHit> Changes(LintStatement statement, bool hasWhere)
    {
        foreach (var change in statement.Changes.Where(change => change.Verb is "UPDATE" or "DELETE" && change.HasWhere == hasWhere && (hasWhere || !change.HasLimit)))
        {
            foreach (var table in change.Tables.DefaultIfEmpty())
            {
                yield return new LintHit(table) { Line = change.Line };
            }
        }
    }

    private static IEnumerable<LintHit> Moved(LintStatement statement) =>
        statement.Changes.SelectMany(change => (change.ChangesMatched ? change.Tables : change.Copied).Select(table => new LintHit(table) { Line = change.Line }));

    private static bool IsChunked(LintStatement statement) => statement.Statement.Directives.Any(directive => directive.Name == "repeat-until-zero");
}

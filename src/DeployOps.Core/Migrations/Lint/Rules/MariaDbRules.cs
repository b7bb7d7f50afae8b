using System.Globalization;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// MariaDB's online DDL (its manual, InnoDB Online DDL Overview; each was tried on 10.11): a statement that names the algorithm it counts on fails at once instead of copying the
/// table. strong_migrations asks the same of MySQL.
/// </summary>
internal static class MariaDbRules
{
    private const int LongestWait = 3600;

    private static readonly SqlDialect[] Only = [SqlDialect.MariaDb];
    private static readonly string[] Waits = ["lock_wait_timeout", "innodb_lock_wait_timeout"];
    private static readonly string[] Copies = ["COPY", "EXCLUSIVE", "SHARED"];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("LCK001", "require-timeout-settings", LintSeverity.Error,
            "A statement that waits for its metadata lock makes everybody behind it wait, for as long as it waits.",
            "Leave lock_wait_timeout as it is set for the migration, or set a few seconds; the server's own default is a day.",
            statement => statement.Settings.Any(IsLongWait) || WaitsLong(statement) ? [new LintHit()] : []) { Dialects = Only, BySize = false },
        new("LCK002", "online-ddl-unstated", LintSeverity.Warning,
            "Where it cannot be done in place the server copies the table, and writers wait.",
            "Say ALGORITHM=INSTANT, NOCOPY or INPLACE with LOCK=NONE, so that it fails instead.",
            statement => IsUnstated(statement) ? [new LintHit(TableOf(statement))] : []) { Dialects = Only },
        new("LCK002", "table-copy", LintSeverity.Error,
            "The table is copied, and writers wait.",
            "Say ALGORITHM=INSTANT, NOCOPY or INPLACE with LOCK=NONE, or change it by a shadow table.",
            statement => Options(statement).Intersect(Copies).Any() ? [new LintHit(TableOf(statement))] : []) { Dialects = Only },
        new("LCK005", "optimize-table", LintSeverity.Error,
            "The table is written anew.",
            "Do it outside of the migration.",
            statement => statement.All.Begins("OPTIMIZE") || statement.All.Begins("REPAIR") ? Maintained(statement) : []) { Dialects = Only },
        new("LCK006", "adding-foreign-key-constraint", LintSeverity.Error,
            "With its checks on the table is copied while writers wait.",
            "Add it when the table is quiet or by a shadow table.",
            statement => Of(statement, alter => AddsForeignKey(alter))) { Dialects = Only },
        new("LCK006", "adding-check-constraint", LintSeverity.Error,
            "The table is copied while writers wait: a CHECK is added by ALGORITHM=COPY only.",
            "Add it when the table is quiet or by a shadow table.",
            statement => Of(statement, alter => AddsCheck(alter))) { Dialects = Only },
        new("LCK007", "changing-primary-key", LintSeverity.Error,
            "The table is written anew, and without a key in its place it is copied while writers wait.",
            "Drop the old key and add the new one in one statement with ALGORITHM=INPLACE, LOCK=NONE; of a large table by a shadow table.",
            statement => Of(statement, alter => ChangesKey(alter) && !(AddsKey(alter) && IsOnline(statement)))) { Dialects = Only },
        new("LCK007", "fulltext-or-spatial-index", LintSeverity.Error,
            "Writers wait until the index is built: LOCK=NONE is refused of it.",
            "Add it when the table is quiet.",
            statement => statement.Index is { IsOffline: true } index ? [new LintHit(index.Table)] : Of(statement, alter => AddsOffline(alter))) { Dialects = Only },
        new("LCK008", "exchange-partition", LintSeverity.Warning,
            "Every row of the other table is looked at under a lock.",
            "See that its rows fit, and write WITHOUT VALIDATION where the server has it; else do it when both are quiet.",
            statement => Of(statement, alter => alter.Actions.Any(action => action.Begins("EXCHANGE", "PARTITION") && !action.Has("WITHOUT", "VALIDATION")))) { Dialects = Only },
        new("RWR001", "changing-column-type", LintSeverity.Warning,
            "Another type makes the server copy the table, and the running version meets it.",
            "Say ALGORITHM=INSTANT or NOCOPY, so that it fails where it would; else add a column, fill it in chunks and drop the old one in a later release.",
            statement => !Options(statement).Any() ? Of(statement, alter => ChangesType(alter)) : []) { Dialects = Only },
        new("RWR002", "generated-column", LintSeverity.Error,
            "The table is copied to write its values into every row, while writers wait.",
            "Make it VIRTUAL, or add a plain column and fill it in chunks.",
            statement => Of(statement, alter => AddsStored(alter))) { Dialects = Only },
        new("RWR002", "adding-auto-increment", LintSeverity.Error,
            "Numbers are written into every row while writers wait: LOCK=NONE is refused of it.",
            "Add a plain bigint column, fill it in chunks, and make the key by a shadow table.",
            statement => Of(statement, alter => AddsNumbers(alter))) { Dialects = Only },
        new("RWR003", "changing-storage", LintSeverity.Error,
            "The whole table is copied while writers wait.",
            "Do it in a window without traffic, or fill a new table and swap.",
            statement => Of(statement, alter => alter.Actions.Any(IsStorage) || statement.All.HasAtTop("PARTITION", "BY"))) { Dialects = Only },
    ];

    private static SqlName? TableOf(LintStatement statement) => statement.Alter?.Table ?? statement.Index?.Table;

    private static IEnumerable<LintHit> Of(LintStatement statement, Func<AlterTable, bool> isMeant) => statement.Alter is { } alter && isMeant(alter) ? [new LintHit(alter.Table)] : [];

    // What is told by a rule of its own is not told to say an algorithm: there is none that would do it in place.
    private static bool IsUnstated(LintStatement statement) =>
        (statement.Alter is { } alter ? !alter.Actions.All(IsInstant) && !NeverInPlace(statement, alter) : statement.Index is { IsOffline: false }) && !Options(statement).Any();

    private static bool NeverInPlace(LintStatement statement, AlterTable alter) =>
        AddsForeignKey(alter) || AddsCheck(alter) || ChangesKey(alter) || AddsOffline(alter) || ChangesType(alter) || AddsStored(alter) || AddsNumbers(alter)
        || alter.Actions.Any(action => IsStorage(action) || IsOfPartitions(action)) || statement.All.HasAtTop("PARTITION", "BY");

    private static bool IsInstant(SqlClause action) => action.Begins("RENAME") || (action.Begins("ALTER") && action.Has("DEFAULT")) || action.Begins("COMMENT");

    private static bool AddsForeignKey(AlterTable alter) => alter.AddedConstraints().Any(constraint => constraint.Begins("FOREIGN")) || alter.AddedColumns().Any(column => column.Rest.HasAtTop("REFERENCES"));

    private static bool AddsCheck(AlterTable alter) => alter.AddedConstraints().Any(constraint => constraint.Begins("CHECK"));

    private static bool ChangesKey(AlterTable alter) => alter.Beginning("DROP", "PRIMARY").Any();

    private static bool AddsKey(AlterTable alter) => alter.AddedConstraints().Any(constraint => constraint.Begins("PRIMARY"));

    private static bool AddsOffline(AlterTable alter) => alter.Added().Any(item => item.Begins("FULLTEXT") || item.Begins("SPATIAL"));

    private static bool ChangesType(AlterTable alter) => alter.Actions.Any(action => action.Begins("MODIFY") || action.Begins("CHANGE"));

    private static bool AddsStored(AlterTable alter) => alter.AddedColumns().Any(column => column.Rest.HasAtTop("STORED") || column.Rest.HasAtTop("PERSISTENT"));

    private static bool AddsNumbers(AlterTable alter) => alter.AddedColumns().Any(column => column.Rest.HasAtTop("AUTO_INCREMENT"));

    private static bool IsStorage(SqlClause action) =>
        action.Begins("CONVERT", "TO") || action.Begins("REORGANIZE", "PARTITION") || action.Begins("REMOVE", "PARTITIONING") || action.Begins("COALESCE", "PARTITION") || action.Begins("REBUILD", "PARTITION");

    // None of them takes an ALGORITHM.
    private static bool IsOfPartitions(SqlClause action) => action.Has("PARTITION") && !action.Begins("MODIFY") && !action.Begins("CHANGE");

    private static bool IsOnline(LintStatement statement) => Options(statement).ToList() is var options && options.Contains("NONE") && !options.Intersect(Copies).Any();

    // DEFAULT states nothing.
    private static IEnumerable<string> Options(LintStatement statement)
    {
        var tokens = TableOf(statement) is null ? [] : statement.All.Tokens;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            var value = tokens[i + 1].Is('=') && i + 2 < tokens.Count ? tokens[i + 2] : tokens[i + 1];
            if ((tokens[i].Is("ALGORITHM") || tokens[i].Is("LOCK")) && !value.Is("DEFAULT"))
            {
                yield return value.Text.ToUpperInvariant();
            }
        }
    }

    private static IEnumerable<LintHit> Maintained(LintStatement statement)
    {
        var cursor = statement.All.Walk(1);
        while (cursor.SeesOneOf("NO_WRITE_TO_BINLOG", "LOCAL", "TABLE", "TABLES"))
        {
            cursor.Skip();
        }

        return cursor.TakeNames().Select(name => new LintHit(name));
    }

    private static bool IsLongWait(SettingChange setting) =>
        Array.Exists(Waits, name => name == setting.Name) && !setting.IsGlobal && (setting.Value.Begins("DEFAULT") || (setting.Value.Tokens is [var value] && IsLong(value)));

    // ALTER TABLE orders WAIT 86400 ADD …
    private static bool WaitsLong(LintStatement statement)
    {
        var at = TableOf(statement) is null && !statement.All.Begins("DROP") && !statement.All.Begins("TRUNCATE") && !statement.All.Begins("RENAME") ? -1 : statement.All.IndexOf(["WAIT"], atTop: true);
        return at >= 0 && at + 1 < statement.All.Tokens.Count && IsLong(statement.All.Tokens[at + 1]);
    }

    private static bool IsLong(SqlToken seconds) => long.TryParse(seconds.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= LongestWait;
}

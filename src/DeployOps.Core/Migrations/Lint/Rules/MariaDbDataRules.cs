using System.Globalization;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>What MariaDB's statements lose of the rows that are there, or fail by: a <c>MODIFY</c> says a column's whole definition, whatever of it is new.</summary>
internal static class MariaDbDataRules
{
    private static readonly SqlDialect[] Only = [SqlDialect.MariaDb];

    // Smallest and largest with a sign, largest without.
    private static readonly Dictionary<string, (string Lowest, string Highest, string HighestUnsigned)> Ranges = new(StringComparer.Ordinal)
    {
        ["tinyint"] = ("-128", "127", "255"),
        ["smallint"] = ("-32768", "32767", "65535"),
        ["mediumint"] = ("-8388608", "8388607", "16777215"),
        ["int"] = ("-2147483648", "2147483647", "4294967295"),
        ["integer"] = ("-2147483648", "2147483647", "4294967295"),
    };

    private static readonly string[] OldCharacters = ["utf8", "utf8mb3", "latin1", "ascii", "ucs2"];
    private static readonly string[] WithoutTransactions = ["myisam", "aria", "memory", "heap", "csv", "archive", "merge", "mrg_myisam", "s3"];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("DAT001", "not-null-on-existing-rows", LintSeverity.Warning,
            "It fails where a row holds NULL, or gives it an empty value where the server is not strict.",
            "Look for them now and fill them in a script before this one.",
            statement => NotNull(statement).Select(column => Probe(statement, $"SELECT * FROM {statement.Alter!.Table.Written} WHERE {column} IS NULL LIMIT 5"))) { Dialects = Only, BySize = false },
        new("DAT001", "values-that-do-not-fit", LintSeverity.Warning,
            "It fails where a value does not fit the type, or cuts it where the server is not strict.",
            "Look for them now and mend them in a script before this one.",
            statement => TooLarge(statement).Select(query => Probe(statement, query))) { Dialects = Only, BySize = false },
        new("DST001", "drop-partition", LintSeverity.Error,
            "Every row in the partition is lost, and going back does not bring it back.",
            "Copy away what is needed first, and say why by '-- deployops: destructive reason=\"…\"' before it.",
            statement => statement.Alter is { } alter && alter.Actions.Any(action => action.Begins("DROP", "PARTITION") || action.Begins("TRUNCATE", "PARTITION")) ? [new LintHit(alter.Table)] : [])
        { Dialects = Only, BySize = false },
        new("DST001", "replace-table", LintSeverity.Error,
            "A table of that name is dropped with all its rows, and going back does not bring it back.",
            "Leave OR REPLACE out; say why by '-- deployops: destructive reason=\"…\"' where it must be.",
            statement => statement.All.Begins("CREATE", "OR", "REPLACE", "TABLE") && statement.Create is { } create ? [new LintHit(create.Table)] : []) { Dialects = Only, BySize = false },
        new("TYP001", "prefer-bigint-key", LintSeverity.Warning,
            "A key of 32 bits runs out, and is made larger only by copying the table.",
            "Use bigint AUTO_INCREMENT.",
            statement => Columns(statement, column => column.Rest.Has("AUTO_INCREMENT") && column.Type != "bigint")) { Dialects = Only, BySize = false, SparesNew = false },
        new("TYP001", "prefer-utf8mb4", LintSeverity.Warning,
            "Characters outside of that set are refused, or become question marks.",
            "Use utf8mb4.",
            statement => HasOldCharacters(statement) ? [new LintHit(statement.Create?.Table ?? statement.Alter?.Table)] : []) { Dialects = Only, BySize = false, SparesNew = false },
        new("TYP001", "prefer-datetime", LintSeverity.Warning,
            "A timestamp ends on 19 January 2038.",
            "Use datetime, in UTC.",
            statement => Columns(statement, column => column.Type == "timestamp")) { Dialects = Only, BySize = false, SparesNew = false },
        new("TYP001", "prefer-innodb", LintSeverity.Warning,
            "The engine knows no transactions: nothing that was written is taken back, a crash may damage it, and no backup of it is in the snapshot of the others.",
            "Use InnoDB.",
            statement => HasEngineWithout(statement) ? [new LintHit(statement.Create?.Table ?? statement.Alter?.Table)] : []) { Dialects = Only, BySize = false, SparesNew = false },
    ];

    private static LintHit Probe(LintStatement statement, string query) => new(statement.Alter!.Table) { Probe = query };

    private static IEnumerable<LintHit> Columns(LintStatement statement, Func<ColumnDefinition, bool> isMeant)
    {
        var table = statement.Create?.Table ?? statement.Alter?.Table;
        var columns = statement.Create?.Columns() ?? statement.Alter?.AddedColumns() ?? [];
        return columns.Where(isMeant).Select(column => new LintHit(table) { Line = column.Rest.Tokens[0].Line });
    }

    // MODIFY c … and CHANGE old new …: the column as it is called now, and its new definition.
    private static IEnumerable<(string Column, ColumnDefinition New)> Changed(LintStatement statement)
    {
        foreach (var action in statement.Alter?.Actions ?? [])
        {
            var cursor = action.Walk();
            var isChange = cursor.Take("CHANGE");
            if (!isChange && !cursor.Take("MODIFY"))
            {
                continue;
            }

            cursor.Take("COLUMN");
            cursor.TakeNoise();
            var at = cursor.At;
            if (cursor.TakeName() is { } old && !statement.Run.IsNewColumn(statement.Alter!.Table, old.Name) && ColumnDefinition.TryRead(action, isChange ? cursor.At : at, SqlDialect.MariaDb) is { } column)
            {
                yield return (old.Written, column);
            }
        }
    }

    private static IEnumerable<string> NotNull(LintStatement statement)
    {
        if (statement.Alter is not { } alter)
        {
            return [];
        }

        var keys = alter.AddedConstraints().Where(constraint => constraint.Begins("PRIMARY")).SelectMany(constraint => constraint.FirstNames()).Where(column => !statement.Run.IsNewColumn(alter.Table, column.Name));
        var added = alter.AddedColumns().Select(column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. Changed(statement).Where(one => one.New.Rest.HasAtTop("NOT", "NULL")).Select(one => one.Column), .. keys.Where(column => !added.Contains(column.Name)).Select(column => column.Written)];
    }

    private static IEnumerable<string> TooLarge(LintStatement statement)
    {
        foreach (var (column, definition) in Changed(statement))
        {
            var isText = definition.Type is "char" or "varchar";
            if (isText && definition.HasLength && definition.Rest.Tokens.Count > 2 && int.TryParse(definition.Rest.Tokens[2].Span, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"SELECT {column} FROM {statement.Alter!.Table.Written} WHERE CHAR_LENGTH({column}) > {length} LIMIT 5");
            }
            else if (Ranges.TryGetValue(definition.Type, out var range))
            {
                var (lowest, highest) = definition.Rest.HasAtTop("UNSIGNED") ? ("0", range.HighestUnsigned) : (range.Lowest, range.Highest);
                // Text that is no number compares as 0, which is within every range.
                yield return $"SELECT {column} FROM {statement.Alter!.Table.Written} WHERE {column} NOT BETWEEN {lowest} AND {highest} OR CONCAT({column}) NOT REGEXP '^ *[-+]?[0-9]+([.]0*)? *$' LIMIT 5";
            }
        }
    }

    private static bool HasOldCharacters(LintStatement statement) =>
        (statement.Create is not null || statement.Alter is not null)
        && (IsOneOf(Value(statement, "CHARSET"), OldCharacters) || IsOneOf(Value(statement, "CHARACTER", "SET"), OldCharacters));

    private static bool HasEngineWithout(LintStatement statement) => (statement.Create is not null || statement.Alter is not null) && IsOneOf(Value(statement, "ENGINE"), WithoutTransactions);

    private static bool IsOneOf(string? value, string[] values) => value is not null && Array.Exists(values, one => one.Equals(value, StringComparison.OrdinalIgnoreCase));

    private static string? Value(LintStatement statement, params ReadOnlySpan<string> words)
    {
        if (statement.All.After(words) is not { } rest)
        {
            return null;
        }

        var cursor = rest.Walk();
        cursor.Take('=');
        return cursor.IsAtEnd ? null : SqlName.Part(cursor.Current).Trim('\'');
    }
}

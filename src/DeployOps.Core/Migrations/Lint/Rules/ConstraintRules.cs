using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// Constraints that are checked while others wait (PostgreSQL's manual, ALTER TABLE, Notes), and those that fail by the rows that are there.
/// Known to squawk (adding-foreign-key-constraint, constraint-missing-not-valid, disallowed-unique-constraint, adding-not-nullable-field,
/// adding-required-field), eugene (E1, E2, E7, E8, E15) and Atlas (MF101 to MF104).
/// </summary>
internal static class ConstraintRules
{
    private static readonly SqlDialect[] Every = [SqlDialect.PostgreSql, SqlDialect.MariaDb, SqlDialect.Sqlite];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("LCK006", "adding-foreign-key-constraint", LintSeverity.Error,
            "Both tables are locked against writes while every row is checked.",
            "Add it NOT VALID, and VALIDATE CONSTRAINT in the next script.",
            statement => Added(statement, constraint => constraint.Begins("FOREIGN") && !constraint.HasAtTop("NOT", "VALID"))),
        new("LCK006", "adding-column-with-foreign-key", LintSeverity.Error,
            "Both tables are locked against writes until the script ends.",
            "Add the column alone, then the constraint NOT VALID, and VALIDATE CONSTRAINT in the next script.",
            statement => Columns(statement, column => column.Rest.HasAtTop("REFERENCES"))),
        new("LCK006", "constraint-missing-not-valid", LintSeverity.Error,
            "The table is locked against reads and writes while every row is checked.",
            "Add it NOT VALID, and VALIDATE CONSTRAINT in the next script.",
            statement => Added(statement, constraint => constraint.Begins("CHECK") && !constraint.HasAtTop("NOT", "VALID"))),
        new("LCK006", "adding-column-with-check", LintSeverity.Error,
            "The table is locked against reads and writes while every row is checked, though each holds the same value or NULL.",
            "Add the column alone, then the constraint NOT VALID, and VALIDATE CONSTRAINT in the next script.",
            statement => Columns(statement, column => column.Rest.HasAtTop("CHECK"))),
        new("LCK006", "constraint-of-a-domain", LintSeverity.Error,
            "Every table with a column of the domain is locked against writes while its rows are looked at.",
            "Add it as CHECK NOT VALID, which looks at no row, and VALIDATE CONSTRAINT in a script of its own when those tables are quiet: it locks out writers too.",
            OfDomain) { BySize = false },
        new("LCK006", "validate-in-same-transaction", LintSeverity.Error,
            "The lock of the ADD CONSTRAINT before it is held while every row is checked, as if NOT VALID were not there.",
            "Put VALIDATE CONSTRAINT into the next script.",
            Validated),
        new("LCK007", "disallowed-unique-constraint", LintSeverity.Error,
            "The index is built while the table is locked against reads and writes.",
            "CREATE UNIQUE INDEX CONCURRENTLY in a script of its own, then ADD CONSTRAINT … USING INDEX.",
            statement => Added(statement, constraint => constraint.Begins("UNIQUE") || constraint.Begins("PRIMARY") ? !constraint.HasAtTop("USING", "INDEX") : constraint.Begins("EXCLUDE"))),
        new("LCK007", "adding-unique-column", LintSeverity.Error,
            "The index is built while the table is locked against reads and writes.",
            "Add the column alone, CREATE UNIQUE INDEX CONCURRENTLY in a script of its own, then ADD CONSTRAINT … USING INDEX.",
            statement => Columns(statement, column => column.IsPrimaryKey || column.Rest.HasAtTop("UNIQUE"))),
        new("NUL001", "adding-not-nullable-field", LintSeverity.Error,
            "Every row is looked at while the table is locked against reads and writes, and one NULL fails it.",
            "Add CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in the next script, then SET NOT NULL, which uses it.",
            SetNotNull),
        new("NUL001", "primary-key-sets-not-null", LintSeverity.Warning,
            "A column of the index that may be NULL is made NOT NULL by it: every row is looked at while the table is locked against reads and writes.",
            "Add CHECK (column IS NOT NULL) NOT VALID, and VALIDATE CONSTRAINT in the next script, before the key, which uses it.",
            KeyOfNullable),
        new("NUL001", "adding-required-field", LintSeverity.Error,
            "It fails as soon as the table has a row.",
            "Give it a DEFAULT, or add it without NOT NULL, fill it, and require it in a later script.",
            statement => Columns(statement, column => column.Rest.HasAtTop("NOT", "NULL") && !column.HasDefault)) { Dialects = [SqlDialect.PostgreSql, SqlDialect.Sqlite], BySize = false },
        new("NUL001", "implicit-default", LintSeverity.Warning,
            "The rows that are there get an empty value, 0 or '', that nobody chose.",
            "Give it a DEFAULT that means something.",
            statement => Columns(statement, column => column.Rest.HasAtTop("NOT", "NULL") && !column.HasDefault && !column.Rest.Has("AUTO_INCREMENT"))) { Dialects = [SqlDialect.MariaDb], BySize = false },
        new("DAT001", "unique-on-existing-rows", LintSeverity.Warning,
            "It fails where two rows have the same values.",
            "Look for them now and mend them in a script before this one.",
            Unique) { Dialects = Every, BySize = false },
        new("DAT001", "not-null-on-existing-rows", LintSeverity.Warning,
            "It fails where a row holds NULL.",
            "Look for them now and fill them in a script before this one.",
            statement => NotNullColumns(statement).Select(column => new LintHit(statement.Alter!.Table) { Probe = $"SELECT * FROM {statement.Alter.Table.Written} WHERE {column} IS NULL LIMIT 5" })) { BySize = false },
        new("DAT001", "check-on-existing-rows", LintSeverity.Warning,
            "It fails where a row does not keep it.",
            "Look for them now and mend them in a script before this one.",
            Checked) { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb], BySize = false },
        new("DAT001", "foreign-key-on-existing-rows", LintSeverity.Warning,
            "It fails where a row points at nothing.",
            "Look for them now and mend them in a script before this one.",
            Orphans) { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb], BySize = false },
        new("IDX001", "index-may-be-invalid", LintSeverity.Warning,
            "IF NOT EXISTS is content with an invalid index that a failed build left behind.",
            "Leave IF NOT EXISTS out, and DROP INDEX CONCURRENTLY IF EXISTS before it.",
            statement => statement.Index is { IsConcurrent: true, IfNotExists: true } index ? [new LintHit(index.Table)] : []) { BySize = false },
    ];

    private static IEnumerable<LintHit> Added(LintStatement statement, Func<SqlClause, bool> isMeant) =>
        statement.Alter is { } alter ? alter.AddedConstraints().Where(isMeant).Select(_ => new LintHit(alter.Table)) : [];

    private static IEnumerable<LintHit> Columns(LintStatement statement, Func<ColumnDefinition, bool> isMeant) =>
        statement.Alter is { } alter ? alter.AddedColumns().Where(isMeant).Select(_ => new LintHit(alter.Table)) : [];

    private static IEnumerable<LintHit> OfDomain(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("ALTER", "DOMAIN") || cursor.TakeName() is not { } domain || statement.Run.Domain(domain) is not null)
        {
            return [];
        }

        var action = statement.All.From(cursor.At);
        return action.Begins("SET", "NOT", "NULL") || (action.Begins("ADD") && !action.HasAtTop("NOT", "VALID")) ? [new LintHit()] : [];
    }

    private static IEnumerable<LintHit> Validated(LintStatement statement)
    {
        if (statement.Alter is not { } alter)
        {
            return [];
        }

        // One ALTER TABLE holds its lock from the first action to the last, whatever stands around it.
        var before = statement.Script.IsInTransaction ? statement.Script.NotValid : [];
        var notValid = before.Concat(alter.Beginning("ADD", "CONSTRAINT").Where(action => action.HasAtTop("NOT", "VALID")).Select(Constraint)).ToHashSet(StringComparer.Ordinal);
        return alter.Beginning("VALIDATE", "CONSTRAINT").Where(action => notValid.Contains(Constraint(action))).Select(_ => new LintHit(alter.Table));
    }

    private static string Constraint(SqlClause action) => action.Walk(2).TakeName()?.Name ?? "";

    private static IEnumerable<LintHit> KeyOfNullable(LintStatement statement)
    {
        foreach (var index in statement.Alter?.AddedConstraints().Where(constraint => constraint.Begins("PRIMARY")).Select(constraint => constraint.After("USING", "INDEX")?.Walk().TakeName()).OfType<SqlName>() ?? [])
        {
            var table = statement.Alter!.Table;
            var columns = statement.Run.ColumnsOf(table, index);
            if (columns.Count == 0 || !columns.All(column => statement.Run.IsProvenNotNull(table, column.Name)))
            {
                yield return new LintHit(table) { Probe = CatalogueQueries.Nullable(table, index, columns) };
            }
        }
    }

    private static IEnumerable<string> NotNullColumns(LintStatement statement)
    {
        foreach (var action in statement.Alter?.Beginning("ALTER") ?? [])
        {
            var cursor = action.Walk(1);
            cursor.Take("COLUMN");
            var at = cursor.At;
            if (cursor.TakeName() is { } column && cursor.Sees("SET", "NOT", "NULL") && !statement.Run.IsProvenNotNull(statement.Alter!.Table, column.Name) && !statement.Run.IsNewColumn(statement.Alter.Table, column.Name))
            {
                yield return action.Tokens[at].Text;
            }
        }
    }

    private static IEnumerable<LintHit> SetNotNull(LintStatement statement) => NotNullColumns(statement).Select(_ => new LintHit(statement.Alter!.Table));

    private static IEnumerable<LintHit> Unique(LintStatement statement)
    {
        if (statement.Index is { IsUnique: true } index)
        {
            return [new LintHit(index.Table) { Probe = index.IsPartial ? null : Duplicates(index.Table, index.Columns, index.HasOneNull) }];
        }

        return statement.Alter is not { } alter ? [] : alter.AddedConstraints()
            .Where(constraint => (constraint.Begins("UNIQUE") || constraint.Begins("PRIMARY")) && !constraint.HasAtTop("USING", "INDEX"))
            .Select(constraint => new LintHit(alter.Table) { Probe = Duplicates(alter.Table, constraint.FirstNames(), constraint.HasAtTop("NULLS", "NOT", "DISTINCT")) });
    }

    private static string? Duplicates(SqlName table, IReadOnlyList<SqlName> columns, bool hasOneNull)
    {
        if (columns.Count == 0)
        {
            return null;
        }

        var names = string.Join(", ", columns.Select(column => column.Written));
        var known = hasOneNull ? "" : $" WHERE {string.Join(" AND ", columns.Select(column => $"{column.Written} IS NOT NULL"))}";
        return $"SELECT {names}, count(*) FROM {table.Written}{known} GROUP BY {names} HAVING count(*) > 1 LIMIT 5";
    }

    private static IEnumerable<LintHit> Checked(LintStatement statement)
    {
        if (statement.Alter is not { } alter)
        {
            return [];
        }

        return alter.AddedConstraints().Where(constraint => constraint.Begins("CHECK") && !constraint.HasAtTop("NOT", "VALID")).Select(constraint =>
        {
            var cursor = constraint.Walk(1);
            cursor.TakeBrackets();
            var condition = new SqlClause([.. constraint.Tokens.Take(cursor.At).Skip(1)]);
            return new LintHit(alter.Table) { Probe = $"SELECT * FROM {alter.Table.Written} WHERE NOT {condition} LIMIT 5" };
        });
    }

    // A column that the script adds holds nothing yet.
    private static IEnumerable<LintHit> Orphans(LintStatement statement)
    {
        if (statement.Alter is not { } alter)
        {
            yield break;
        }

        foreach (var constraint in alter.AddedConstraints().Where(one => one.Begins("FOREIGN") && !one.HasAtTop("NOT", "VALID")))
        {
            var own = constraint.FirstNames();
            var target = constraint.After("REFERENCES");
            var others = target?.FirstNames() ?? [];
            if (own.Count == 1 && others.Count == 1 && !statement.Run.IsNewColumn(alter.Table, own[0].Name))
            {
                yield return new LintHit(alter.Table)
                {
                    Other = target!.Walk().TakeName(),
                    Probe = $"SELECT c.{own[0].Written} FROM {alter.Table.Written} c WHERE c.{own[0].Written} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {target!.Walk().TakeName()!.Written} p WHERE p.{others[0].Written} = c.{own[0].Written}) LIMIT 5",
                };
            }
        }
    }
}

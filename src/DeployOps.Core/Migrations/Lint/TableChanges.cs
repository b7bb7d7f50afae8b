using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint;

/// <summary>Sees what statements make of tables, take away again and give another name.</summary>
/// <param name="made">What the run is known to have made.</param>
internal sealed class TableChanges(MadeTables made)
{
    private static readonly string[][] Paths =
    [
        ["USE"], ["SET", "SCHEMA"], ["SET", "ROLE"], ["SET", "SESSION", "ROLE"], ["SET", "SESSION", "AUTHORIZATION"], ["RESET", "ALL"], ["RESET", "ROLE"], ["RESET", "SESSION"], ["DISCARD", "ALL"],
    ];

    /// <summary>Sees a statement after the rules have seen it.</summary>
    internal void See(LintStatement statement)
    {
        SeeTransaction(statement);
        SeePath(statement.All);
        SeeDropped(statement);

        // What is made only where it is missing may have been there, with rows and with users.
        if (!statement.MakesOnlyWhatIsMissing)
        {
            SeeMade(statement);
        }

        SeeMixed(statement);
        SeeRenamed(statement);
    }

    private void SeeTransaction(LintStatement statement)
    {
        if (statement.All.Begins("ROLLBACK") || statement.All.Begins("ABORT"))
        {
            made.Forget(0);
        }

        if (StatementTransactions.Of(statement.Statement) == StatementTransaction.Control)
        {
            made.EndTransaction();
        }
    }

    private void SeePath(SqlClause all)
    {
        // A function's own path is none of the session.
        var isSet = !all.Begins("CREATE") && !all.Begins("ALTER") && all.Tokens.Any(token => token.Span.Trim("'\"").Equals("search_path", StringComparison.OrdinalIgnoreCase));
        var isLocal = all.Begins("SET", "LOCAL");
        if (isSet || (isLocal && (all.Has("ROLE") || all.Has("SCHEMA") || all.Has("AUTHORIZATION"))) || Array.Exists(Paths, words => all.Begins(words)))
        {
            made.LookUpBy(all.ToString(), isLocal);
        }
    }

    private void SeeDropped(LintStatement statement)
    {
        foreach (var action in statement.Alter?.Actions ?? [])
        {
            SeeDropped(statement.Alter!, action);
        }

        var cursor = statement.All.Walk();
        if (!cursor.Take("DROP"))
        {
            return;
        }

        cursor.Take("TEMPORARY");
        if (cursor.Take("TABLE") || cursor.Take("TABLES") || cursor.Take("MATERIALIZED", "VIEW") || cursor.Take("DOMAIN"))
        {
            cursor.TakeNames().ToList().ForEach(made.Drop);
        }
        else if (cursor.Take("INDEX"))
        {
            cursor.Take("CONCURRENTLY");
            cursor.TakeNames().ToList().ForEach(made.DropIndex);
        }
        else if (cursor.SeesOneOf("SCHEMA", "DATABASE", "OWNED"))
        {
            made.Forget(0);
        }
    }

    private void SeeDropped(AlterTable alter, SqlClause action)
    {
        var table = alter.Table;
        var cursor = action.Walk(1);
        if (alter.DroppedColumn(action) is { } column)
        {
            made.Drop(table, part => part.IsOf(column.Name));
        }
        else if (action.Begins("DROP", "CONSTRAINT") || action.Begins("RENAME", "CONSTRAINT"))
        {
            cursor.Skip();
            cursor.TakeNoise();
            var constraint = cursor.TakeName()?.Name;
            made.Drop(table, part => part.Kind == MadeKind.Check && part.Name == constraint);
        }
        else if (action.Begins("ALTER") && action.HasAtTop("DROP", "NOT", "NULL"))
        {
            cursor.Take("COLUMN");
            var nullable = cursor.TakeName()?.Name;
            made.Drop(table, part => part.Kind == MadeKind.NotNull && part.Name == nullable);
        }
    }

    private void SeeMade(LintStatement statement)
    {
        if (statement.Create is { } create)
        {
            SeeCreated(statement, create.Table);
        }
        else if (statement.All.Begins("CREATE", "DOMAIN") && statement.All.Walk(2).TakeName() is { } domain)
        {
            made.Drop(domain);
            made.Add(domain, new MadePart(MadeKind.Domain, "", statement.All));
        }
        else if (statement.Index is { Name: { } name } index)
        {
            made.Add(index.Table, new MadePart(MadeKind.Index, name.Name, statement.All));
        }
        else if (statement.Alter is { } alter)
        {
            foreach (var column in alter.AddedColumns())
            {
                made.Add(alter.Table, new MadePart(MadeKind.Column, column.Name, column.Rest));
            }

            SeeChecks(alter);
            SeeNotNull(alter);
        }
    }

    // A foreign table's rows are another server's, and a name of before means another table now.
    private void SeeCreated(LintStatement statement, SqlName table)
    {
        made.Drop(table);
        var cursor = statement.All.Walk(1);
        cursor.Take("OR", "REPLACE");
        var endsByCommit = statement.All.Has("ON", "COMMIT", "DROP");
        if (cursor.Sees("FOREIGN") || (endsByCommit && !statement.Script.IsInTransaction))
        {
            return;
        }

        made.Add(table, new MadePart(MadeKind.Table, "", SqlClause.Empty));
        cursor.Skip(cursor.SeesOneOf("GLOBAL", "LOCAL") ? 1 : 0);
        if (cursor.SeesOneOf("TEMP", "TEMPORARY"))
        {
            made.Add(table, new MadePart(endsByCommit ? MadeKind.UntilCommit : MadeKind.Temporary, "", SqlClause.Empty));
        }
    }

    private void SeeChecks(AlterTable alter)
    {
        foreach (var action in alter.Beginning("ADD", "CONSTRAINT"))
        {
            if (AlterTable.ConstraintOf(action, 1) is { } check && check.Begins("CHECK") && action.Walk(2).TakeName() is { } name)
            {
                made.Add(alter.Table, new MadePart(MadeKind.Check, name.Name, check) { IsValid = !check.HasAtTop("NOT", "VALID") && !check.HasAtTop("NOT", "ENFORCED") });
            }
        }

        foreach (var name in alter.Beginning("VALIDATE", "CONSTRAINT").Select(action => action.Walk(2).TakeName()).OfType<SqlName>())
        {
            var checks = made.Of(alter.Table).Where(part => part.Kind == MadeKind.Check && part.Name == name.Name).ToList();
            made.Drop(alter.Table, checks.Contains);
            checks.ForEach(check => made.Add(alter.Table, check with { IsValid = true }));
        }
    }

    private void SeeNotNull(AlterTable alter)
    {
        foreach (var action in alter.Beginning("ALTER"))
        {
            var cursor = action.Walk(1);
            cursor.Take("COLUMN");
            if (cursor.TakeName() is { } column && cursor.Sees("SET", "NOT", "NULL"))
            {
                made.Add(alter.Table, new MadePart(MadeKind.NotNull, column.Name, SqlClause.Empty));
            }
        }
    }

    // A new table that an old one becomes a part of, or changes rows with, has rows that somebody uses.
    private void SeeMixed(LintStatement statement)
    {
        foreach (var action in statement.Alter?.Actions ?? [])
        {
            var table = statement.Alter!.Table;
            var (part, whole) = action.Begins("ATTACH", "PARTITION") ? (action.Walk(2).TakeName(), [table]) : action.Begins("INHERIT") ? (table, [action.Walk(1).TakeName()]) : Exchanged(table, action);
            if (part is not null && !(made.Has(part, MadeKind.Table) && whole.All(one => one is not null && made.Has(one, MadeKind.Table))))
            {
                whole.OfType<SqlName>().ToList().ForEach(one => made.Drop(one, known => known.Kind == MadeKind.Table));
            }
        }
    }

    private static (SqlName? Part, SqlName?[] Whole) Exchanged(SqlName table, SqlClause action) =>
        action.Begins("EXCHANGE", "PARTITION") && action.After("WITH", "TABLE")?.Walk().TakeName() is { } other ? (other, [table, other]) : (null, []);

    private void SeeRenamed(LintStatement statement)
    {
        foreach (var (old, name) in AlterTable.Renamed(statement.All))
        {
            made.Rename(old, name);
        }

        foreach (var action in statement.Alter?.Actions ?? [])
        {
            var table = statement.Alter!.Table;
            if (AlterTable.RenamedColumn(action) is { } column)
            {
                RenameColumn(table, column.Old.Name, column.New.Name);
            }
            else if (NewName(table, action) is { } name)
            {
                // MariaDB's new name is one of the session's database, others' is one of the table's schema.
                made.Rename(table, statement.Script.Dialect == SqlDialect.MariaDb ? AlterTable.NewName(action) ?? name : name);
            }
        }

        SeeRenamedOther(statement.All);
    }

    private void SeeRenamedOther(SqlClause all)
    {
        var cursor = all.Walk();
        if (!cursor.Take("ALTER"))
        {
            return;
        }

        if (cursor.Sees("SCHEMA") && all.HasAtTop("RENAME"))
        {
            made.Forget(0);
        }
        else if (cursor.Take("INDEX") || cursor.Take("MATERIALIZED", "VIEW") || cursor.Take("DOMAIN"))
        {
            cursor.TakeNoise();
            if (cursor.TakeName() is { } name && NewName(name, all.From(cursor.At)) is { } other)
            {
                made.DropIndex(name);
                made.Rename(name, other);
            }
        }
    }

    private static SqlName? NewName(SqlName name, SqlClause action) =>
        AlterTable.NewName(action) is { } other ? In(name.Schema, other) : action.Begins("SET", "SCHEMA") ? In(action.Walk(2).TakeName()?.Name, name) : null;

    private void RenameColumn(SqlName table, string column, string to)
    {
        var isNew = made.Of(table).Where(part => part.Kind is MadeKind.Column or MadeKind.NotNull && part.Name == column).ToList();
        made.Drop(table, part => part.IsOf(column) || part.IsOf(to));
        isNew.ForEach(part => made.Add(table, part with { Name = to }));
    }

    private static SqlName In(string? schema, SqlName table) => new(schema, table.Name) { Written = table.Written };
}

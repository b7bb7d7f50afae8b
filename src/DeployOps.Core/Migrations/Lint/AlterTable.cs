using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>An <c>ALTER TABLE</c> with its actions.</summary>
/// <param name="Table">The table.</param>
/// <param name="Actions">What is done to it, each without the comma.</param>
/// <param name="Dialect">Whose keywords.</param>
internal sealed record AlterTable(SqlName Table, IReadOnlyList<SqlClause> Actions, SqlDialect Dialect)
{
    /// <summary>Reads it; null where the statement is another one.</summary>
    internal static AlterTable? TryRead(SqlClause statement, SqlDialect dialect)
    {
        var cursor = statement.Walk();
        if (!cursor.Take("ALTER"))
        {
            return null;
        }

        cursor.Take("ONLINE");
        cursor.Take("IGNORE");
        if ((!cursor.Take("TABLE") && !cursor.Take("FOREIGN", "TABLE")) || cursor.Sees("ALL", "IN", "TABLESPACE"))
        {
            return null;
        }

        cursor.TakeNoise();
        var name = cursor.TakeName();
        cursor.Take('*');
        cursor.Take("NOWAIT");
        if (cursor.Take("WAIT"))
        {
            cursor.Skip();
        }

        return name is null ? null : new AlterTable(name, statement.Items(cursor.At), dialect);
    }

    /// <summary>The actions that begin with these keywords.</summary>
    internal IEnumerable<SqlClause> Beginning(params string[] words) => Actions.Where(action => action.Begins(words));

    /// <summary>The column that an action drops; null where it drops something else, or nothing.</summary>
    internal SqlName? DroppedColumn(SqlClause action)
    {
        if (!action.Begins("DROP"))
        {
            return null;
        }

        var cursor = action.Walk(1);
        var isColumn = cursor.Take("COLUMN");
        var isOther = !isColumn && ColumnDefinition.IsOther(cursor, Dialect);
        cursor.TakeNoise();
        return isOther ? null : cursor.TakeName();
    }

    /// <summary>The name that an action gives the table; null where it gives it none.</summary>
    internal static SqlName? NewName(SqlClause action)
    {
        var cursor = action.Walk();
        if (!cursor.Take("RENAME"))
        {
            return null;
        }

        _ = cursor.Take("TO") || cursor.Take("AS") || cursor.Take('=');
        var name = cursor.TakeName();
        return cursor.IsAtEnd ? name : null;
    }

    /// <summary>The column that an action names anew, and as what; null where it is none, or a CHANGE that leaves its name.</summary>
    internal static (SqlName Old, SqlName New)? RenamedColumn(SqlClause action)
    {
        var cursor = action.Walk();
        var isChange = cursor.Take("CHANGE");
        if (!isChange && !cursor.Take("RENAME"))
        {
            return null;
        }

        cursor.Take("COLUMN");
        cursor.TakeNoise();
        var old = cursor.TakeName();
        return old is not null && (isChange || cursor.Take("TO")) && cursor.TakeName() is { } name && !(isChange && old.Matches(name)) ? (old, name) : null;
    }

    /// <summary>The tables that MariaDB's <c>RENAME TABLE a TO b, c WAIT 5 TO d</c> names anew, one after another; none of another statement.</summary>
    internal static IReadOnlyList<(SqlName Old, SqlName New)> Renamed(SqlClause statement)
    {
        var renamed = new List<(SqlName Old, SqlName New)>();
        foreach (var item in statement.Begins("RENAME", "TABLE") || statement.Begins("RENAME", "TABLES") ? statement.Items(2) : [])
        {
            var cursor = item.Walk();
            cursor.TakeNoise();
            if (cursor.TakeName() is { } old && item.From(cursor.At).After("TO")?.Walk().TakeName() is { } name)
            {
                renamed.Add((old, name));
            }
        }

        return renamed;
    }

    /// <summary>The columns it adds.</summary>
    internal IEnumerable<ColumnDefinition> AddedColumns() => Added().Select(item => ColumnDefinition.TryRead(item, 0, Dialect)).OfType<ColumnDefinition>();

    /// <summary>The constraints it adds, from behind their name.</summary>
    internal IEnumerable<SqlClause> AddedConstraints() => Added().Select(item => ConstraintOf(item, 0)).OfType<SqlClause>();

    /// <summary>What it adds, each from behind ADD; MariaDB's <c>ADD COLUMN (a int, b int)</c> adds several.</summary>
    internal IEnumerable<SqlClause> Added()
    {
        foreach (var action in Beginning("ADD"))
        {
            var cursor = action.Walk(1);
            cursor.Take("COLUMN");
            cursor.TakeNoise();
            IReadOnlyList<SqlClause> items = cursor.Take('(') ? action.Items(cursor.At) : [action.From(1)];
            foreach (var item in items)
            {
                yield return item;
            }
        }
    }

    /// <summary>A constraint from behind its name; null where the item is a column.</summary>
    internal static SqlClause? ConstraintOf(SqlClause item, int at)
    {
        var cursor = item.Walk(at);
        if (cursor.Take("CONSTRAINT"))
        {
            cursor.TakeNoise();
            cursor.TakeName();
        }

        return cursor.SeesOneOf("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") || ColumnDefinition.IsExclusion(cursor) ? item.From(cursor.At) : null;
    }
}

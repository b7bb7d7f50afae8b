using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Transactions;

/// <summary>
/// The values that a script adds to enumerations. One cannot be used before the transaction that added it has committed, unless the type is
/// itself new (PostgreSQL's manual on ALTER TYPE).
/// </summary>
internal sealed class EnumValues
{
    private readonly List<SqlName> created = [];
    private readonly List<(string Literal, SqlStatement Statement)> added = [];

    /// <summary>The first statement that added a value which is used later; null where none was.</summary>
    internal SqlStatement? Used { get; private set; }

    /// <summary>The first statement that added a value; null where none did.</summary>
    internal SqlStatement? First => added.Count == 0 ? null : added[0].Statement;

    /// <summary>Sees the next statement; true where it adds or uses a value.</summary>
    internal bool Take(SqlStatement statement)
    {
        if (statement.Begins("CREATE", "TYPE") && new SqlCursor(statement.Tokens, 2).TakeName() is { } type)
        {
            created.Add(type);
            return false;
        }

        if (statement.Begins("ALTER", "TYPE"))
        {
            return TakeAdded(statement);
        }

        var use = added.Find(value => statement.Text.Contains(value.Literal, StringComparison.Ordinal));
        Used ??= use.Statement;
        return use.Statement is not null;
    }

    private bool TakeAdded(SqlStatement statement)
    {
        var cursor = new SqlCursor(statement.Tokens, 2);
        var type = cursor.TakeName();
        if (!cursor.Take("ADD", "VALUE") || created.Exists(name => name.Matches(type)))
        {
            return false;
        }

        cursor.TakeNoise();
        added.Add((cursor.Current.Text ?? "", statement));
        return true;
    }
}

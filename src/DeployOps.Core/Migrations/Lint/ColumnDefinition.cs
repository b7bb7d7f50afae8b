using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A column as it is added or created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rest">Its type and what follows.</param>
internal sealed record ColumnDefinition(string Name, SqlClause Rest)
{
    private static readonly string[] NoColumn =
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION", "LIKE", "GENERATED", "VALUE", "SYSTEM", "PERIOD"];

    /// <summary>Its type's first word, in lower case.</summary>
    internal string Type => Rest.IsEmpty ? "" : SqlName.Part(Rest.Tokens[0]);

    /// <summary>Whether a length follows the type.</summary>
    internal bool HasLength => Rest.Tokens.Count > 1 && Rest.Tokens[1].Is('(');

    internal bool IsSerial => Type is "serial" or "bigserial" or "smallserial" or "serial4" or "serial8" or "serial2";

    internal bool IsIdentity => Rest.Has("AS", "IDENTITY");

    internal bool IsGenerated => Rest.Has("GENERATED") && !IsIdentity;

    internal bool HasDefault => Rest.HasAtTop("DEFAULT") || IsSerial || IsIdentity || IsGenerated;

    internal bool IsPrimaryKey => Rest.HasAtTop("PRIMARY", "KEY");

    /// <summary>Reads the column of an item, behind ADD where it has one; null where the item is a constraint or something else.</summary>
    internal static ColumnDefinition? TryRead(SqlClause item, int at)
    {
        var cursor = item.Walk(at);
        var isColumn = cursor.Take("COLUMN");
        cursor.TakeNoise();
        if (!isColumn && cursor.SeesOneOf(NoColumn))
        {
            return null;
        }

        var name = cursor.TakeName();
        return name is null || cursor.IsAtEnd ? null : new ColumnDefinition(name.Name, item.From(cursor.At));
    }
}

using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A column as it is added or created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rest">Its type and what follows.</param>
internal sealed record ColumnDefinition(string Name, SqlClause Rest)
{
    // Each is a keyword that no column bears without quotes, or stands with the next one.
    private static readonly string[][] NoColumn =
        [["CONSTRAINT"], ["PRIMARY"], ["UNIQUE"], ["FOREIGN"], ["CHECK"], ["LIKE"], ["NOT", "NULL"]];

    private static readonly string[][] NoColumnOfMariaDb =
        [["CONSTRAINT"], ["PRIMARY"], ["UNIQUE"], ["FOREIGN"], ["CHECK"], ["LIKE"], ["INDEX"], ["KEY"], ["FULLTEXT"], ["SPATIAL"], ["PARTITION"], ["PERIOD", "FOR"], ["SYSTEM", "VERSIONING"]];

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
    internal static ColumnDefinition? TryRead(SqlClause item, int at, SqlDialect dialect)
    {
        var cursor = item.Walk(at);
        var isColumn = cursor.Take("COLUMN");
        cursor.TakeNoise();
        if (!isColumn && IsOther(cursor, dialect))
        {
            return null;
        }

        var name = cursor.TakeName();
        return name is null || cursor.IsAtEnd ? null : new ColumnDefinition(name.Name, item.From(cursor.At));
    }

    /// <summary>Whether a constraint, an index or a partition follows where a column might.</summary>
    internal static bool IsOther(SqlCursor cursor, SqlDialect dialect) =>
        IsExclusion(cursor) || Array.Exists(dialect == SqlDialect.MariaDb ? NoColumnOfMariaDb : NoColumn, words => cursor.Sees(words));

    /// <summary>Whether an <c>EXCLUDE</c> of PostgreSQL follows, and no column of that name.</summary>
    internal static bool IsExclusion(SqlCursor cursor) => cursor.Sees("EXCLUDE", "USING") || (cursor.Sees("EXCLUDE") && cursor.Next.Is('('));
}

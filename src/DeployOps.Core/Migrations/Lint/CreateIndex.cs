using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A <c>CREATE INDEX</c>.</summary>
/// <param name="Table">The table it is on.</param>
/// <param name="Name">Its name; null where it has none.</param>
/// <param name="Columns">Its columns in order; empty where there is an expression among them.</param>
internal sealed record CreateIndex(SqlName Table, SqlName? Name, IReadOnlyList<SqlName> Columns)
{
    internal bool IsUnique { get; private init; }

    /// <summary>Whether it is one of MariaDB's that are built while writers wait: of texts, or of shapes.</summary>
    internal bool IsOffline { get; private init; }

    internal bool IsConcurrent { get; private init; }

    internal bool IfNotExists { get; private init; }

    /// <summary>Whether it is on the parent of partitions alone, which is done at once.</summary>
    internal bool IsOnly { get; private init; }

    /// <summary>Whether it holds for some rows only.</summary>
    internal bool IsPartial { get; private init; }

    /// <summary>Whether rows that hold NULL are the same to it.</summary>
    internal bool HasOneNull { get; private init; }

    /// <summary>Reads it; null where the statement is another one.</summary>
    internal static CreateIndex? TryRead(SqlClause statement)
    {
        var cursor = statement.Walk();
        if (!cursor.Take("CREATE"))
        {
            return null;
        }

        cursor.Take("OR", "REPLACE");
        var isUnique = cursor.Take("UNIQUE");
        var isOffline = cursor.SeesOneOf("FULLTEXT", "SPATIAL");
        cursor.Skip(isOffline ? 1 : 0);
        if (!cursor.Take("INDEX"))
        {
            return null;
        }

        var isConcurrent = cursor.Take("CONCURRENTLY");
        var ifNotExists = cursor.Take("IF", "NOT", "EXISTS");
        var name = cursor.Sees("ON") ? null : cursor.TakeName();
        cursor.Skip(cursor.Sees("USING") ? 2 : 0);
        cursor.Take("ON");
        var isOnly = cursor.Take("ONLY");
        var table = cursor.TakeName();
        var rest = statement.From(cursor.At);
        return table is null ? null : new CreateIndex(table, name, rest.FirstNames())
        {
            IsUnique = isUnique,
            IsOffline = isOffline,
            IsConcurrent = isConcurrent,
            IfNotExists = ifNotExists,
            IsOnly = isOnly,
            IsPartial = rest.HasAtTop("WHERE"),
            HasOneNull = rest.HasAtTop("NULLS", "NOT", "DISTINCT"),
        };
    }
}

using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The tables that a statement keeps others from while it runs: those whose definition it changes, or that it locks. What it says of them stands in its beginning.</summary>
internal static class MariaDbDefinedTables
{
    // DROP TABLE, RENAME TABLE, LOCK TABLES, OPTIMIZE LOCAL TABLE: each takes a list, with words behind each name.
    private static readonly string[] OfLists = ["DROP", "RENAME", "LOCK", "OPTIMIZE", "REPAIR", "ANALYZE", "CHECK", "FLUSH"];

    /// <summary>The tables, in the order in which they stand in it; none of a statement of another kind.</summary>
    internal static IReadOnlyList<SqlName> Of(string sql)
    {
        var cursor = new SqlCursor([.. SqlLexer.Read(sql, SqlDialect.MariaDb).Where(token => !token.IsComment)]);
        if (cursor.Take("TRUNCATE"))
        {
            cursor.Take("TABLE");
            return cursor.TakeName() is { } emptied ? [emptied] : [];
        }

        var isList = cursor.SeesOneOf(OfLists);
        if (!isList && !cursor.SeesOneOf("ALTER", "CREATE"))
        {
            return [];
        }

        // CREATE UNIQUE INDEX … ON, DROP INDEX … ON, CREATE TRIGGER … ON.
        while (!cursor.IsAtEnd && !cursor.SeesOneOf("TABLE", "TABLES", "ON"))
        {
            cursor.Skip();
        }

        isList &= !cursor.Sees("ON");
        cursor.Skip();
        return isList ? List(cursor) : First(cursor);
    }

    private static List<SqlName> First(SqlCursor cursor)
    {
        cursor.TakeNoise();
        return cursor.TakeName() is { } name ? [name] : [];
    }

    private static List<SqlName> List(SqlCursor cursor)
    {
        var names = new List<SqlName>();
        do
        {
            names.AddRange(First(cursor));
            cursor.TakeItem();
        }
        while (cursor.Take(','));

        return names;
    }
}

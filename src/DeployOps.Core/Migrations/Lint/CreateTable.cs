using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A <c>CREATE TABLE</c> with its columns and constraints.</summary>
/// <param name="Table">The table.</param>
/// <param name="Items">What stands in its brackets; empty for one made of a query.</param>
/// <param name="Dialect">Whose keywords.</param>
internal sealed record CreateTable(SqlName Table, IReadOnlyList<SqlClause> Items, SqlDialect Dialect)
{
    private static readonly string[] Kinds = ["OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "FOREIGN", "VIRTUAL"];

    /// <summary>Reads it; null where the statement is another one.</summary>
    internal static CreateTable? TryRead(SqlClause statement, SqlDialect dialect)
    {
        var cursor = statement.Walk();
        if (!cursor.Take("CREATE"))
        {
            return null;
        }

        while (cursor.SeesOneOf(Kinds))
        {
            cursor.Skip();
        }

        if (!cursor.Take("TABLE") && !cursor.Take("MATERIALIZED", "VIEW"))
        {
            return null;
        }

        cursor.TakeNoise();
        var name = cursor.TakeName();
        return name is null ? null : new CreateTable(name, cursor.Take('(') ? statement.Items(cursor.At) : [], dialect);
    }

    internal IEnumerable<ColumnDefinition> Columns() => Items.Select(item => ColumnDefinition.TryRead(item, 0, Dialect)).OfType<ColumnDefinition>();

    internal IEnumerable<SqlClause> Constraints() => Items.Select(item => AlterTable.ConstraintOf(item, 0)).OfType<SqlClause>();
}

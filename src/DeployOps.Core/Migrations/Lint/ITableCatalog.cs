using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What a database knows of its tables, asked before anything runs.</summary>
public interface ITableCatalog
{
    /// <summary>The facts of a table; null where there is no such table or nothing is known.</summary>
    TableFacts? Find(SqlName table);
}

using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What a database knows of its tables, asked before anything runs.</summary>
public interface ITableCatalog
{
    /// <summary>The facts of these tables, and of the tables of these indexes, by the name as it is written; without those that are not there.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken);
}

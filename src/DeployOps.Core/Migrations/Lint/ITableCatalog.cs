using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What a database knows of its tables and of what uses them, asked before anything runs.</summary>
public interface ITableCatalog
{
    /// <summary>The facts of these tables, and of the tables of these indexes, by the name as it is written; without those that are not there.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken);

    /// <summary>Whether double quotes hold names in its sessions from the start, as in MariaDB's mode ANSI_QUOTES. False where its kind has no such mode, whatever they hold.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    Task<bool> HasAnsiQuotesAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>What uses these objects; without those that are not there or that nothing uses. Empty where its kind does not say.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindUsesAsync(IReadOnlyCollection<LostObject> objects, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>>(new Dictionary<LostObject, IReadOnlyList<ObjectUse>>());

    /// <summary>The columns that an index of each of these tables begins with, by the table's name as it is written; without tables that are not there. Empty where its kind does not say.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> FindIndexedAsync(IReadOnlyCollection<SqlName> tables, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, IReadOnlySet<string>>>(new Dictionary<string, IReadOnlySet<string>>());
}

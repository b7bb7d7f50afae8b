namespace DeployOps.Migrations.Imports;

/// <summary>A database that has migrations of before: reads the history another tool left, and takes the database in at what that says.</summary>
public interface IHistoryTarget
{
    /// <summary>Every row of another tool's table in the order of that tool; null where there is no such table. A time without a zone is taken as the server's, or as UTC where it has none.</summary>
    /// <param name="tool">Whose table.</param>
    /// <param name="table">Its name, with its schema before a point where it is not found without.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException">The database cannot be read.</exception>
    Task<IReadOnlyList<ForeignMigration>?> ReadForeignAsync(MigrationTool tool, string table, CancellationToken cancellationToken);

    /// <summary>Writes the history of a database that has none, all of it or nothing.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryExists</c>, or <c>MigrationBusy</c> where a migration runs.</exception>
    Task AdoptAsync(IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken);
}

namespace DeployOps.Migrations;

/// <summary>Opens the plan's databases for migration steps, each for one act: a connection is not kept across steps.</summary>
/// <param name="databases">The databases.</param>
/// <param name="adapters">Opens them.</param>
/// <param name="appliedBy">What the history says of who applied a script.</param>
internal sealed class MigrationDesk(IReadOnlyList<DatabaseSpec> databases, IAdapters adapters, string appliedBy)
{
    /// <summary>Who applies, for the history.</summary>
    internal string AppliedBy => appliedBy;

    /// <summary>Opens a database by its name in the plan.</summary>
    internal IDatabase Open(string name) => adapters.OpenDatabase(databases.First(database => database.Name == name));
}

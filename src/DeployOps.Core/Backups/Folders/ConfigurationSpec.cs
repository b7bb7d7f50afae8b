namespace DeployOps.Backups.Folders;

/// <summary>A folder of the plan that configures what is deployed: backed up before anything changes, and brought back by a rollback where the plan says so.</summary>
/// <param name="Name">The name shown in logs and used for its backup; unique in the plan.</param>
/// <param name="Path">The folder's full path.</param>
public sealed record ConfigurationSpec(string Name, string Path)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

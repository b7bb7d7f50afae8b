namespace DeployOps.Migrations.Watching;

/// <summary>Nobody wants to know.</summary>
public sealed class SilentObserver : IMigrationObserver
{
    /// <inheritdoc/>
    public void Progress(MigrationProgress progress)
    {
    }

    /// <inheritdoc/>
    public void Ended(MigrationEvidence evidence)
    {
    }
}

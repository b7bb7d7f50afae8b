namespace DeployOps.Rollbacks;

/// <summary>When and how far to go back.</summary>
public sealed record RollbackSpec
{
    /// <summary>What happens when a phase fails. Default <see cref="RollbackTrigger.Automatic"/>.</summary>
    public RollbackTrigger When { get; init; } = RollbackTrigger.Automatic;

    /// <summary>
    /// What happens to the database. Default <see cref="DatabaseRollback.Keep"/>, which is proven: after the migration and before the rollout the smoke files run against the old version.
    /// </summary>
    public DatabaseRollback Database { get; init; } = DatabaseRollback.Keep;

    /// <summary>What happens to the folders of settings. Default <see cref="ConfigurationRollback.Keep"/>.</summary>
    public ConfigurationRollback Configuration { get; init; } = ConfigurationRollback.Keep;
}

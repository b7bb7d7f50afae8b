namespace DeployOps.Rollbacks;

/// <summary>What happens to the folders of settings when a release goes back.</summary>
public enum ConfigurationRollback
{
    /// <summary>They stay as they are: both versions can live with them.</summary>
    Keep,

    /// <summary>They become what they were when the window was prepared, before the old version is started again.</summary>
    Restore,
}

namespace DeployOps.Rollbacks;

/// <summary>What going back does with the database.</summary>
public enum DatabaseRollback
{
    /// <summary>The migrated schema stays: the old version runs on it.</summary>
    Keep,

    /// <summary>The undo scripts of what this window applied run in reverse order.</summary>
    Down,

    /// <summary>The backup taken at the start replaces the database; rows written since are lost, so it needs an explicit yes.</summary>
    Restore,
}

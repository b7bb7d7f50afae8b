namespace DeployOps.Migrations.Watching;

/// <summary>What a gate says to a migration that wants to go on.</summary>
public enum MigrationGateState
{
    /// <summary>Everything is within its limits.</summary>
    Open,

    /// <summary>Something is over its limit and may pass: the migration waits.</summary>
    Hold,

    /// <summary>It waited as long as it may, or what is wrong does not pass by waiting: the migration ends.</summary>
    Failed,
}

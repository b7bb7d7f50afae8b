using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>The phases of a release, in their order, and the way back.</summary>
public enum DeploymentPhase
{
    /// <summary>Roles, health, baseline, proven backups.</summary>
    Preparation,

    /// <summary>The database migration.</summary>
    Migration,

    /// <summary>Instances and traffic.</summary>
    Rollout,

    /// <summary>The critical journeys.</summary>
    Smoke,

    /// <summary>The watch against the baseline.</summary>
    Monitoring,

    /// <summary>The report and the end of the window.</summary>
    Completion,

    /// <summary>The way back.</summary>
    Rollback,
}

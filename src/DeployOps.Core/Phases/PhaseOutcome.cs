using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>How a phase ended.</summary>
public enum PhaseOutcome
{
    /// <summary>Nothing was done: under -WhatIf it was only planned.</summary>
    Planned,

    /// <summary>It goes on: a look of the watch that is not the last.</summary>
    Running,

    /// <summary>It did what the plan says and saw that it is so.</summary>
    Succeeded,

    /// <summary>It failed and nothing went back.</summary>
    Failed,

    /// <summary>The evidence did not suffice within its time, the window ended between two steps, or what an earlier run began cannot be told; nothing went back.</summary>
    Inconclusive,

    /// <summary>It failed, or was asked to, and production is back on the old version.</summary>
    RolledBack,

    /// <summary>Going back failed: a person is needed.</summary>
    RollbackFailed,

    /// <summary>Ctrl+C while work was in flight.</summary>
    Cancelled,

    /// <summary>Somebody asked the window to stop or to go back, and this phase gave way.</summary>
    Superseded,
}

using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>What the completion of a window came to.</summary>
public sealed record CompletionResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Completion;

    /// <summary>The full path of the report; empty where the window is only planned.</summary>
    public string ReportPath { get; init; } = "";

    /// <summary>The full path of the execution log; empty where the window is only planned.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>The hash of the log's last record before the window ended: whoever keeps it can tell a log that was cut.</summary>
    public string LogHead { get; init; } = "";

    /// <summary>The instances that were, or would be, stopped.</summary>
    public IReadOnlyList<string> Retired { get; init; } = [];

    /// <summary>The phases of the plan that had not passed, and how each ended; empty where every one had.</summary>
    public IReadOnlyList<string> NotPassed { get; init; } = [];

    /// <summary>The reason that was given for completing the window although phases had not passed; empty where every one had.</summary>
    public string Deviation { get; init; } = "";
}

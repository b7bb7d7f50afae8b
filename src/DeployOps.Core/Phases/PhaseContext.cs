using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What a phase works with.</summary>
internal sealed record PhaseContext
{
    /// <summary>The plan that is in force.</summary>
    public required DeploymentPlan Plan { get; init; }

    /// <summary>The approved files that are in force, with their bytes.</summary>
    public required ApprovedFiles Files { get; init; }

    /// <summary>The window's journal and lock; null under -WhatIf on a window that is itself only planned.</summary>
    public required WindowSession? OpenSession { get; init; }

    public required Ports Ports { get; init; }

    public required IStepReporter Reporter { get; init; }

    public required CancellationToken Token { get; init; }

    /// <summary>The reason somebody gave for going on against a gate; null where none was given.</summary>
    public string? Deviation { get; init; }

    /// <summary>The window's journal and lock, in a phase that runs.</summary>
    public WindowSession Session => OpenSession ?? throw new InvalidOperationException("A planned window has no journal.");

    /// <summary>The window as it stands, or as it was planned.</summary>
    public required DeploymentWindow Window { get; init; }
}

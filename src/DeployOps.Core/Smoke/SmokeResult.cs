using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Smoke;

/// <summary>What the smoke tests came to: one result a suite.</summary>
public sealed record SmokeResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Smoke;

    /// <summary>One for each file.</summary>
    public IReadOnlyList<SmokeCheck> Checks { get; init; } = [];
}

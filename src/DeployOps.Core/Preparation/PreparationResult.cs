using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Preparation;

/// <summary>What the preparation came to. Start-DeploymentWindow emits the window; this is its record in the journal.</summary>
public sealed record PreparationResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Preparation;

    /// <summary>What was seen or would be done, one line each.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];
}

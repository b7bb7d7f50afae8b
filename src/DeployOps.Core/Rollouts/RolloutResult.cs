using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>What a rollout came to.</summary>
public sealed record RolloutResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Rollout;

    /// <summary>The version that carried the traffic before; null where the plan has no rollout or it failed before it was known.</summary>
    public string? From { get; init; }

    /// <summary>The version that was rolled out.</summary>
    public string To { get; init; } = "";

    /// <summary>The steps in order, as the plan has them.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];
}

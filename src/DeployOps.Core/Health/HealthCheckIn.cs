using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Health;

/// <summary>A look of the watch, streamed as it is made. The last one carries the phase's outcome.</summary>
public sealed record HealthCheckIn : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Monitoring;

    /// <summary>Which look it was, from 1; 0 where the watch ended before its first.</summary>
    public int Number { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What it came to.</summary>
    public HealthVerdict Verdict { get; init; }

    /// <summary>Every metric and check with its numbers; or those that would be asked, Unknown.</summary>
    public IReadOnlyList<HealthFinding> Findings { get; init; } = [];
}

using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Support;

/// <summary>What a fake phase came to.</summary>
internal sealed record FakeResult : PhaseResult
{
    public override DeploymentPhase Phase => DeploymentPhase.Rollout;

    public int Number { get; init; }
}

using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Stops all traffic while databases are restored; taken back, it flows to the old version again.</summary>
internal sealed class ClosedTrafficStep(RolloutPlan plan, RolloutTools tools) : IStep
{
    /// <summary>The step's key in the journal.</summary>
    internal const string Key = "traffic/closed";

    public StepIdentity Identity { get; } = new(DeploymentPhase.Rollback, Key, "traffic: stopped while databases are restored");

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        await tools.SetWeightsAsync(plan.NewWeights.Keys.ToDictionary(name => name, _ => 0, StringComparer.Ordinal), cancellationToken);
        return "every weight is 0";
    }

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        var served = plan.NewWeights.Keys.Where(name => state.Destinations.TryGetValue(name, out var destination) && destination.Weight > 0).ToList();

        return served.Count == 0 ? GateResult.Pass(Key, "every weight is 0") : GateResult.Fail(Key, $"{string.Join(", ", served)} still get traffic");
    }

    public Task<string> UndoAsync(CancellationToken cancellationToken) => new TrafficStep(plan, tools).UndoAsync(cancellationToken);
}

using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Sends all traffic to the new version in one change; taken back, to the old one as it was captured.</summary>
internal sealed class TrafficStep(RolloutPlan plan, RolloutTools tools) : IStep
{
    /// <summary>The step's key.</summary>
    internal const string Key = "traffic";

    public StepIdentity Identity { get; } = new(
        DeploymentPhase.Rollout, Key, $"traffic: {plan.OldVersion} on {Names(plan.Old)} -> {plan.Release} on {Names(plan.New)}");

    public Task<string> DoAsync(CancellationToken cancellationToken) => tools.RouteAsync(plan.NewWeights, plan.Release, cancellationToken);

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        var served = plan.NewWeights.All(wanted => state.Destinations.TryGetValue(wanted.Key, out var destination) && destination.Weight == wanted.Value);
        var words = string.Join(", ", state.Destinations.OrderBy(destination => destination.Key, StringComparer.Ordinal).Select(destination => $"{destination.Key} {destination.Value.Weight}"));

        return served ? GateResult.Pass("traffic", $"weights are {words}") : GateResult.Fail("traffic", $"weights are {words}");
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        var revived = await ReviveAsync(cancellationToken);
        var routed = await tools.RouteAsync(OldWeights(plan), plan.OldVersion, cancellationToken);

        return revived.Count == 0 ? routed : $"{string.Join(", ", revived)} started again; {routed}";
    }

    /// <summary>The captured weights of the plan's instances.</summary>
    internal static Dictionary<string, int> OldWeights(RolloutPlan plan) =>
        plan.NewWeights.Keys.ToDictionary(name => name, name => plan.Capture.Weights[name], StringComparer.Ordinal);

    // Traffic moves only onto capacity that is there: an old instance that does not answer is started by the same script first.
    private async Task<List<string>> ReviveAsync(CancellationToken cancellationToken)
    {
        var revived = new List<string>();
        foreach (var instance in plan.Old.Where(instance => plan.Capture.Weights[instance.Name] > 0))
        {
            if (plan.Capture.Versions.GetValueOrDefault(instance.Name) is { } version && !await tools.IsUpAsync(instance, version, cancellationToken))
            {
                await tools.DeployAsync(instance, version, cancellationToken);
                revived.Add(instance.Name);
            }
        }

        return revived;
    }

    private static string Names(IReadOnlyList<InstanceSpec> instances) => string.Join(", ", instances.Select(instance => instance.Name));
}

using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Sends all traffic to the new version in one change; taken back, to the old one as it was captured.</summary>
internal sealed class TrafficStep(RolloutPlan plan, RolloutTools tools) : IStep
{
    /// <summary>The step's key.</summary>
    internal const string Key = "traffic";

    /// <summary>True for the key of a step that moves traffic, be it all at once or one instance's.</summary>
    internal static bool Moves(string key) => key == Key || DrainStep.Is(key) || AdmitStep.Is(key);

    public StepIdentity Identity { get; } = new(
        DeploymentPhase.Rollout, Key, $"traffic: {plan.OldVersion} on {Names(plan.Old)} -> {plan.Release} on {Names(plan.New)}");

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        var revived = await tools.ReviveAsync([.. plan.New.Select(instance => (instance, plan.Release))], cancellationToken);
        return Words(revived, await tools.RouteAsync(plan.NewWeights, plan.Release, cancellationToken));
    }

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        var served = plan.NewWeights.All(wanted => state.Destinations.TryGetValue(wanted.Key, out var destination) && destination.Weight == wanted.Value);
        var words = string.Join(", ", state.Destinations.OrderBy(destination => destination.Key, StringComparer.Ordinal).Select(destination => $"{destination.Key} {destination.Value.Weight}"));

        // Weights without the version behind them are half of the step; to do it again is harmless.
        return served ? await tools.AnswersAsync(plan.Release, $"weights are {words}", cancellationToken) : GateResult.Fail("traffic", $"weights are {words}");
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        var old = plan.Old.Where(instance => plan.Capture.Weights[instance.Name] > 0 && plan.Capture.Versions.GetValueOrDefault(instance.Name) is not null);
        var (revived, lost) = await tools.ReviveForReturnAsync([.. old.Select(instance => (instance, plan.Capture.Versions[instance.Name]!))], cancellationToken);
        var weights = OldWeights(plan);
        foreach (var name in lost)
        {
            weights[name] = 0;
        }

        var routed = Words(revived, await tools.RouteAsync(weights, plan.OldVersion, cancellationToken));
        return lost.Count == 0 ? routed : $"{routed}; without {string.Join(", ", lost)}, as was accepted";
    }

    /// <summary>The captured weights of the plan's instances.</summary>
    internal static Dictionary<string, int> OldWeights(RolloutPlan plan) =>
        plan.NewWeights.Keys.ToDictionary(name => name, name => plan.Capture.Weights[name], StringComparer.Ordinal);

    private static string Words(IReadOnlyList<string> revived, string routed) => revived.Count == 0 ? routed : $"{string.Join(", ", revived)} started again; {routed}";

    private static string Names(IReadOnlyList<InstanceSpec> instances) => string.Join(", ", instances.Select(instance => instance.Name));
}

using System.Globalization;
using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Takes one instance out of the traffic, to be changed while the others serve; taken back, it serves what it served before with the weight it had.</summary>
internal sealed class DrainStep(RolloutPlan plan, InstanceSpec instance, RolloutTools tools) : IStep
{
    private const string Prefix = "drain/";

    public StepIdentity Identity { get; } = new(DeploymentPhase.Rollout, KeyOf(instance.Name), $"{instance.Name}: out of the traffic");

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string instance) => Prefix + instance;

    /// <summary>True for the key of such a step.</summary>
    internal static bool Is(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        await tools.RequireOthersAsync([.. plan.Old.Except(plan.BatchOf(instance))], [plan.OldVersion, plan.Release], cancellationToken);
        var drained = await tools.TakeOutAsync(instance, cancellationToken);
        if (drained.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException(
                "InstanceNotDrained",
                FaultKind.Timeout,
                $"{instance.Name} is not changed while it serves requests: {PhaseFailure.Sentence(drained.Detail)}",
                "Wait until they have ended, or raise Rollout.DrainTimeout.");
        }

        return drained.Detail;
    }

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        return state.Destinations.TryGetValue(instance.Name, out var destination) && destination is { Weight: 0, InFlight: 0 }
            ? GateResult.Pass(KeyOf(instance.Name), "weight 0, no request in flight")
            : GateResult.Fail(KeyOf(instance.Name), destination is null ? "the router does not know it" : string.Create(CultureInfo.InvariantCulture, $"weight {destination.Weight}, {destination.InFlight} in flight"));
    }

    public Task<string> UndoAsync(CancellationToken cancellationToken) => new RollingReturn(plan, tools).LetInAsync(instance, cancellationToken);
}

using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Makes an instance without traffic run the new version; taken back, it runs what it ran before, or nothing.</summary>
internal sealed class DeployStep(RolloutPlan plan, InstanceSpec instance, RolloutTools tools) : IStep
{
    public StepIdentity Identity { get; } = new(
        DeploymentPhase.Rollout, KeyOf(instance.Name), $"{instance.Name}: {plan.Capture.Versions.GetValueOrDefault(instance.Name) ?? "stopped"} -> {plan.Release}");

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string instance) => $"deploy/{instance}";

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        // Somebody may have switched the pools by hand since the weights were captured.
        await RefuseUnderTrafficAsync(cancellationToken);
        return await tools.DeployAsync(instance, plan.Release, cancellationToken);
    }

    // Not serving it, or not answering, is a clear no: the script is idempotent and may run again.
    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken) => tools.ServesAsync(instance, plan.Release, cancellationToken);

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        await RefuseUnderTrafficAsync(cancellationToken);
        var drained = await tools.DrainAsync([instance], cancellationToken);
        var undone = plan.Capture.Versions.GetValueOrDefault(instance.Name) is { } before
            ? await tools.DeployAsync(instance, before, cancellationToken)
            : await tools.StopAsync(instance, cancellationToken);

        return $"{drained.Detail}; {undone}";
    }

    // The only healthy version must never lose capacity: traffic goes first, the instance after it.
    private async Task RefuseUnderTrafficAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        if (state.Destinations.TryGetValue(instance.Name, out var destination) && destination.Weight > 0)
        {
            throw new DeployOpsException(
                "InstanceUnderTraffic",
                FaultKind.InvalidOperation,
                $"{instance.Name} has weight {destination.Weight} in the router; it is not touched while it carries traffic.",
                "Send the traffic elsewhere.");
        }
    }
}

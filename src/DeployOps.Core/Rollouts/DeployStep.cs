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

    // Not serving it, not answering, or being ill is a clear no: the script is idempotent and may run again.
    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken) => tools.IsDeployedAsync(instance, plan.Release, cancellationToken);

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        var drained = await OutOfTrafficAsync(cancellationToken);
        var undone = plan.Capture.Versions.GetValueOrDefault(instance.Name) is not { } before ? await tools.StopAsync(instance, cancellationToken)
            : plan.Batches.Count > 0 ? await new RollingReturn(plan, tools).DeployAsync(instance, before, cancellationToken)
            : await tools.DeployAsync(instance, before, cancellationToken);

        return $"{drained.Detail}; {undone}";
    }

    // One of several that are changed one after another may be taken out, since others serve; traffic that moves all at once is not this step's to move.
    private async Task<GateResult> OutOfTrafficAsync(CancellationToken cancellationToken)
    {
        if (plan.Batches.Any(batch => batch.Contains(instance)))
        {
            return await tools.TakeOutAsync(instance, cancellationToken);
        }

        await RefuseUnderTrafficAsync(cancellationToken);
        return await tools.DrainAsync([instance], cancellationToken);
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

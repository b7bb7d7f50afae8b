using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Stops an old instance once the watch has passed; taken back, it runs the captured version again.</summary>
internal sealed class RetireStep(RolloutPlan plan, InstanceSpec instance, RolloutTools tools) : IStep
{
    public StepIdentity Identity { get; } = new(
        DeploymentPhase.Completion, KeyOf(instance.Name), $"{instance.Name}: {plan.Capture.Versions.GetValueOrDefault(instance.Name) ?? "old version"} -> stopped");

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string instance) => $"retire/{instance}";

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        await RequireNewAsync(cancellationToken);
        var drained = await tools.DrainAsync([instance], cancellationToken);
        if (drained.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException(
                "InstanceNotDrained",
                FaultKind.Timeout,
                $"{instance.Name} is not stopped while it serves requests: {PhaseFailure.Sentence(drained.Detail)}",
                "Wait until they have ended.");
        }

        return $"{drained.Detail}; {await tools.StopAsync(instance, cancellationToken)}";
    }

    // The watch may have passed long ago: the old version is not stopped while the new one cannot be seen to serve.
    private async Task RequireNewAsync(CancellationToken cancellationToken)
    {
        foreach (var serving in plan.New)
        {
            if (!await tools.IsUpAsync(serving, plan.Release, cancellationToken))
            {
                throw new DeployOpsException(
                    "NewVersionUnwell",
                    FaultKind.Failed,
                    $"{instance.Name} is not stopped: {serving.Name} does not answer as a healthy {plan.Release} any more.",
                    "See what became of it, or go back while the old version still runs.");
            }
        }
    }

    // Where it cannot be told it is no: the script is idempotent and may stop it again.
    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var stopped = await tools.StoppedAsync(instance, cancellationToken);
        return stopped.Verdict == GateVerdict.Unknown ? stopped with { Verdict = GateVerdict.Fail } : stopped;
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        if (plan.Capture.Versions.GetValueOrDefault(instance.Name) is not { } version)
        {
            return $"{instance.Name} did not run before";
        }

        try
        {
            return await tools.DeployAsync(instance, version, cancellationToken);
        }
        catch (DeployOpsException e) when (tools.AcceptsLessCapacity && LostInstances.IsReason(e))
        {
            // Whether there are enough without it is seen when the traffic moves.
            return $"{instance.Name} does not serve {version} again, as was accepted: {PhaseFailure.Sentence(e.Fact)}";
        }
    }
}

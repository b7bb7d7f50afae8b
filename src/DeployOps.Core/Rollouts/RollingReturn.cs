using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;

namespace DeployOps.Rollouts;

/// <summary>
/// The way back of instances that were changed one after another. Each counts for itself: one that is lost gets no traffic and keeps no other from going
/// back. An instance that carries the new version well is risked only while the old version is known to run somewhere, or nobody is known to be worse off.
/// </summary>
internal sealed class RollingReturn(RolloutPlan plan, RolloutTools tools)
{
    /// <summary>
    /// Sees that others serve while an instance is out of the traffic. One that carries traffic and is ill is made to run the old version, to which it goes in
    /// any case; where it cannot, it is lost and gets no traffic. The instance itself may be taken out without anybody beside it only where it serves nobody either.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>CapacityMissing</c>; what the router throws.</exception>
    internal async Task KeepServingAsync(InstanceSpec instance, CancellationToken cancellationToken)
    {
        List<InstanceSpec> others = [.. plan.Old.Where(other => other != instance)];
        var (well, ill) = await tools.LookAsync(others, [plan.OldVersion, plan.Release], cancellationToken);
        foreach (var other in ill.Where(other => !tools.Lost.Contains(other.Name, out _)))
        {
            await TryOldAsync(other, cancellationToken);
        }

        if (ill.Count > 0)
        {
            (well, ill) = await tools.LookAsync(others, [plan.OldVersion, plan.Release], cancellationToken);
        }

        if (well.Count == 0 && await tools.IsUpAsync(instance, plan.Release, cancellationToken))
        {
            throw new DeployOpsException(
                "CapacityMissing",
                FaultKind.InvalidOperation,
                $"{instance.Name} is the only healthy instance that carries traffic.",
                "Give another one traffic that serves the old version.");
        }

        // Its own step lets it in again once it serves; one that has none was not taken out by this release.
        foreach (var other in ill.Where(other => well.Count > 0 && tools.Lost.Contains(other.Name, out _) && (tools.AcceptsLessCapacity || tools.IsTakenOut(other.Name))))
        {
            await tools.SetWeightAsync(other, 0, cancellationToken);
        }

        await tools.MeanwhileAsync(well);
    }

    /// <summary>Makes an instance that is out of the traffic run what it ran before.</summary>
    /// <exception cref="DeployOpsException">What the script and the instance say, unless somebody accepts to go back without it.</exception>
    internal async Task<string> DeployAsync(InstanceSpec instance, string version, CancellationToken cancellationToken)
    {
        var carried = plan.Capture.Weights[instance.Name] > 0 && await tools.IsUpAsync(instance, plan.Release, cancellationToken);
        return await OrLoseAsync(instance, version, carried, () => tools.DeployAsync(instance, version, cancellationToken), cancellationToken);
    }

    /// <summary>Lets an instance that runs the old version into the traffic again, with the weight it had.</summary>
    /// <exception cref="DeployOpsException"><c>RouterServesOtherVersion</c>; what the router throws; what the instance says, unless somebody accepts to go back without it.</exception>
    internal async Task<string> LetInAsync(InstanceSpec instance, CancellationToken cancellationToken)
    {
        var revived = await OrLoseAsync(instance, plan.OldVersion, carried: true, async () => await tools.ReviveAsync([(instance, plan.OldVersion)], cancellationToken) is { Count: > 0 } ? $"{instance.Name} started again; " : "", cancellationToken);
        return tools.Lost.Contains(instance.Name, out _)
            ? revived
            : revived + await tools.AdmitAsync(instance, plan.OldVersion, plan.Capture.Weights[instance.Name], plan.Release, isBack: true, cancellationToken);
    }

    /// <summary>
    /// Looks in the end for what carries traffic and is not a healthy old version, such as one that this release never touched. It is made to run that; where it cannot, it is lost, and
    /// left out of the traffic where somebody accepts that.
    /// </summary>
    internal async Task LeaveOutAsync(CancellationToken cancellationToken)
    {
        var (well, ill) = await tools.LookAsync(plan.Old, [plan.OldVersion], cancellationToken);
        foreach (var instance in ill)
        {
            if (!tools.Lost.Contains(instance.Name, out _))
            {
                await TryOldAsync(instance, cancellationToken);
            }

            if (tools.Lost.Contains(instance.Name, out _) && tools.AcceptsLessCapacity && well.Count > 0)
            {
                await tools.SetWeightAsync(instance, 0, cancellationToken);
            }
        }
    }

    private async Task TryOldAsync(InstanceSpec instance, CancellationToken cancellationToken)
    {
        try
        {
            await tools.DeployAsync(instance, plan.OldVersion, cancellationToken);
        }
        catch (DeployOpsException e) when (LostInstances.IsReason(e))
        {
            // It serves nobody as it is; the end names it.
            tools.Lost.Add(instance.Name, e);
        }
    }

    private async Task<string> OrLoseAsync(InstanceSpec instance, string version, bool carried, Func<Task<string>> work, CancellationToken cancellationToken)
    {
        if (!tools.Lost.Contains(instance.Name, out var reason))
        {
            try
            {
                return await work();
            }
            catch (DeployOpsException e) when (LostInstances.IsReason(e))
            {
                await RequireMayGoOnAsync(instance, carried, e, cancellationToken);
                tools.Lost.Add(instance.Name, reason = e);
            }
        }

        return tools.AcceptsLessCapacity
            ? $"{instance.Name} does not serve {version} again, as was accepted: {PhaseFailure.Sentence(reason.Fact)}"
            : throw new DeployOpsException("OldCapacityMissing", reason.Kind, reason.Fact, reason.NextStep, reason);
    }

    // Where the old version runs nowhere, it may be that it starts nowhere: each further try would cost what serves well another instance.
    private async Task RequireMayGoOnAsync(InstanceSpec instance, bool carried, DeployOpsException reason, CancellationToken cancellationToken)
    {
        var (well, _) = await tools.LookAsync([.. plan.Old.Where(other => other != instance)], [plan.OldVersion], cancellationToken);
        if (well.Count == 0 && carried && !(tools.AcceptsLessCapacity && tools.Lost.Names.Count == 0))
        {
            throw new DeployOpsException(
                "OldCapacityMissing",
                reason.Kind,
                $"{instance.Name} cannot be made to serve {plan.OldVersion}, which no other instance serves either, so that none of those that serve {plan.Release} is risked. {PhaseFailure.Sentence(reason.Fact)}",
                tools.AcceptsLessCapacity ? "Bring at least one back, then go back again:" : $"Bring {instance.Name} back, or go on with the others:",
                reason);
        }
    }
}

using DeployOps.Rollouts.Strategies;

namespace DeployOps.Rollouts;

/// <summary>Whether the new version gets as many instances as carry the traffic: all traffic at once onto fewer is how a release that is well takes a system down.</summary>
internal static class RolloutCapacity
{
    /// <summary>Why a rollout is refused for it; null where it is not.</summary>
    internal static DeployOpsException? Refusal(RolloutPlan plan)
    {
        var carrying = plan.Old.Where(instance => plan.Capture.Weights[instance.Name] > 0).Select(instance => instance.Name).ToList();
        return plan.Batches.Count > 0 || plan.New.Count >= carrying.Count
            ? null
            : new DeployOpsException(
                "RolloutCapacityLess",
                FaultKind.Denied,
                $"{carrying.Count} instances carry the traffic ({string.Join(", ", carrying)}), and the new version gets {plan.New.Count} ({string.Join(", ", plan.New.Select(instance => instance.Name))}).",
                "Give both pools as many instances, or, where they carry more, say so with -Deviation.");
    }

    /// <summary>The pools with fewer instances than another one, to which traffic may move; none where instances are changed in their place.</summary>
    internal static IReadOnlyList<string> Smaller(RolloutSpec rollout)
    {
        var pools = rollout.Strategy == RolloutStrategy.BlueGreen ? rollout.Instances.CountBy(instance => instance.Pool, StringComparer.Ordinal).ToList() : [];
        return [.. pools.Where(pool => pool.Value < pools.Max(other => other.Value)).Select(pool => pool.Key)];
    }
}

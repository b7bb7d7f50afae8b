namespace DeployOps.Rollouts.Strategies;

/// <summary>Decides a blue-green rollout: the pool without traffic gets the new version, then all of the traffic.</summary>
public static class BlueGreenPlanner
{
    /// <summary>The weight an instance gets where the old pool has no instance at its place. Also the routers' usual full weight.</summary>
    private const int FullWeight = 100;

    /// <summary>Plans the rollout. Pure.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>RolloutLivePoolUnclear</c> where not exactly one pool has traffic; <c>RolloutInstanceUnknown</c> where the router lacks an instance;
    /// <c>RolloutLiveVersionUnclear</c> where what has traffic does not serve one known version.
    /// </exception>
    public static RolloutPlan Plan(RolloutSpec rollout, RolloutCapture capture, string release)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(capture);
        CapturedFleet.RequireKnown(rollout, capture);
        var live = rollout.Instances.Where(instance => capture.Weights[instance.Name] > 0).Select(instance => instance.Pool).Distinct(StringComparer.Ordinal).ToList();
        if (live.Count != 1)
        {
            throw new DeployOpsException(
                "RolloutLivePoolUnclear",
                FaultKind.InvalidOperation,
                $"{(live.Count == 0 ? "No pool has" : "Both pools have")} traffic (weights: {CapturedFleet.Weights(rollout, capture)}), so it cannot be told which one is idle.",
                "Set the weights of one pool to 0.");
        }

        var old = rollout.Instances.Where(instance => instance.Pool == live[0]).ToList();
        var idle = rollout.Instances.Where(instance => instance.Pool != live[0]).ToList();

        return new RolloutPlan(release, CapturedFleet.VersionOf(old, capture), old, idle, capture, Weights(old, idle, capture));
    }

    private static Dictionary<string, int> Weights(List<InstanceSpec> old, List<InstanceSpec> idle, RolloutCapture capture)
    {
        var weights = old.ToDictionary(instance => instance.Name, _ => 0, StringComparer.Ordinal);
        for (var place = 0; place < idle.Count; place++)
        {
            var before = place < old.Count ? capture.Weights[old[place].Name] : FullWeight;
            weights[idle[place].Name] = before > 0 ? before : FullWeight;
        }

        return weights;
    }
}

namespace DeployOps.Rollouts;

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
        if (rollout.Instances.FirstOrDefault(instance => !capture.Weights.ContainsKey(instance.Name)) is { } unknown)
        {
            throw new DeployOpsException(
                "RolloutInstanceUnknown",
                FaultKind.InvalidData,
                $"The router's cluster '{rollout.Router.Cluster}' has no destination '{unknown.Name}'.",
                $"Add it to {rollout.Router.Path} with weight 0, or take it out of the plan.");
        }

        var live = rollout.Instances.Where(instance => capture.Weights[instance.Name] > 0).Select(instance => instance.Pool).Distinct(StringComparer.Ordinal).ToList();
        if (live.Count != 1)
        {
            var words = string.Join(", ", rollout.Instances.Select(instance => $"{instance.Name} {capture.Weights[instance.Name]}"));
            throw new DeployOpsException(
                "RolloutLivePoolUnclear",
                FaultKind.InvalidOperation,
                $"{(live.Count == 0 ? "No pool has" : "Both pools have")} traffic (weights: {words}), so it cannot be told which one is idle.",
                "Set the weights of one pool to 0.");
        }

        var old = rollout.Instances.Where(instance => instance.Pool == live[0]).ToList();
        var idle = rollout.Instances.Where(instance => instance.Pool != live[0]).ToList();

        return new RolloutPlan(release, VersionOf(old, capture), old, idle, capture, Weights(old, idle, capture));
    }

    // Going back is verified by the version that answers, so what carries the traffic must be one version, and a known one.
    private static string VersionOf(List<InstanceSpec> instances, RolloutCapture capture)
    {
        var served = instances.Where(instance => capture.Weights[instance.Name] > 0).Select(instance => (instance.Name, Version: capture.Versions.GetValueOrDefault(instance.Name))).ToList();
        if (served[0].Version is { } version && served.TrueForAll(instance => instance.Version == version))
        {
            return version;
        }

        throw new DeployOpsException(
            "RolloutLiveVersionUnclear",
            FaultKind.InvalidOperation,
            $"It cannot be told to which version to go back: {string.Join(", ", served.Select(instance => $"{instance.Name} serves {instance.Version ?? "no version that could be read"}"))}.",
            "Bring the instances that carry traffic to one version.");
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

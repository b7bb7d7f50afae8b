using System.Globalization;

namespace DeployOps.Rollouts.Strategies;

/// <summary>What every strategy asks of production as it was captured.</summary>
internal static class CapturedFleet
{
    /// <summary>Refuses a plan that names an instance the router does not have.</summary>
    /// <exception cref="DeployOpsException"><c>RolloutInstanceUnknown</c>.</exception>
    internal static void RequireKnown(RolloutSpec rollout, RolloutCapture capture)
    {
        if (rollout.Instances.FirstOrDefault(instance => !capture.Weights.ContainsKey(instance.Name)) is { } unknown)
        {
            throw new DeployOpsException(
                "RolloutInstanceUnknown",
                FaultKind.InvalidData,
                $"The router's cluster '{rollout.Router.Cluster}' has no destination '{unknown.Name}'.",
                $"Add it to {rollout.Router.Path} with weight 0, or take it out of the plan.");
        }
    }

    /// <summary>The one version of what carries the traffic: going back is verified by the version that answers.</summary>
    /// <exception cref="DeployOpsException"><c>RolloutLiveVersionUnclear</c>.</exception>
    internal static string VersionOf(IEnumerable<InstanceSpec> instances, RolloutCapture capture)
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

    /// <summary>The captured weights of the plan's instances, in words.</summary>
    internal static string Weights(RolloutSpec rollout, RolloutCapture capture) =>
        string.Join(", ", rollout.Instances.Select(instance => string.Create(CultureInfo.InvariantCulture, $"{instance.Name} {capture.Weights[instance.Name]}")));
}

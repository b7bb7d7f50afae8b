using System.Globalization;

namespace DeployOps.Rollouts.Strategies;

/// <summary>
/// Decides a rolling rollout: a batch at a time is taken out of the traffic, changed and let in again with the weight it had. An instance that runs
/// without traffic is changed first; one that does not run is left alone.
/// </summary>
public static class RollingPlanner
{
    /// <summary>Plans the rollout. Pure.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>RolloutBatchTooLarge</c> where a batch would leave no instance with traffic; <c>RolloutInstanceUnknown</c> where the router lacks an instance;
    /// <c>RolloutLiveVersionUnclear</c> where what has traffic does not serve one known version.
    /// </exception>
    public static RolloutPlan Plan(RolloutSpec rollout, RolloutCapture capture, string release)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(capture);
        CapturedFleet.RequireKnown(rollout, capture);
        var serving = rollout.Instances.Where(instance => capture.Weights[instance.Name] > 0).ToList();
        if (serving.Count <= rollout.Batch)
        {
            throw new DeployOpsException(
                "RolloutBatchTooLarge",
                FaultKind.InvalidOperation,
                string.Create(CultureInfo.InvariantCulture, $"{serving.Count} of the plan's instances carry traffic (weights: {CapturedFleet.Weights(rollout, capture)}); a batch of {rollout.Batch} would leave none that serves."),
                "Give more instances traffic, or make Rollout.Batch smaller.");
        }

        var idle = rollout.Instances.Where(instance => capture.Weights[instance.Name] == 0 && capture.Versions.GetValueOrDefault(instance.Name) is not null);
        var weights = rollout.Instances.ToDictionary(instance => instance.Name, instance => capture.Weights[instance.Name], StringComparer.Ordinal);

        return new RolloutPlan(release, CapturedFleet.VersionOf(serving, capture), serving, [.. idle, .. serving], capture, weights)
        {
            Batches = [.. serving.Chunk(rollout.Batch)],
        };
    }
}

using DeployOps.Steps;

namespace DeployOps.Rollouts;

/// <summary>A part of a rollout after which traffic settles.</summary>
/// <param name="Instances">The instances that serve the new version once it is done.</param>
/// <param name="Stages">Its stages in order; the steps of one do not need one another and may be performed at the same time.</param>
internal sealed record RolloutBatch(IReadOnlyList<InstanceSpec> Instances, IReadOnlyList<IReadOnlyList<IStep>> Stages)
{
    /// <summary>All steps in order.</summary>
    internal IEnumerable<IStep> Steps => Stages.SelectMany(stage => stage);
}

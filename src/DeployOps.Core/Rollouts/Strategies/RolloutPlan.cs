namespace DeployOps.Rollouts.Strategies;

/// <summary>What a rollout is going to do, decided from the plan and what was captured.</summary>
/// <param name="Release">The version that is rolled out.</param>
/// <param name="OldVersion">The version that carries the traffic now.</param>
/// <param name="Old">The instances that carry the traffic now.</param>
/// <param name="New">The instances that get the new version.</param>
/// <param name="Capture">What was captured.</param>
/// <param name="NewWeights">The weights after the rollout, of every instance.</param>
public sealed record RolloutPlan(
    string Release,
    string OldVersion,
    IReadOnlyList<InstanceSpec> Old,
    IReadOnlyList<InstanceSpec> New,
    RolloutCapture Capture,
    IReadOnlyDictionary<string, int> NewWeights)
{
    /// <summary>The instances that are taken out of the traffic together, in order; none where all traffic moves at once.</summary>
    public IReadOnlyList<IReadOnlyList<InstanceSpec>> Batches { get; init; } = [];

    /// <summary>The old instances that do not get the new version: they keep the old one until the window is completed.</summary>
    internal IReadOnlyList<InstanceSpec> Leaving => [.. Old.ExceptBy(New.Select(instance => instance.Name), instance => instance.Name, StringComparer.Ordinal)];

    /// <summary>The batch of an instance.</summary>
    internal IReadOnlyList<InstanceSpec> BatchOf(InstanceSpec instance) => Batches.First(batch => batch.Contains(instance));
}

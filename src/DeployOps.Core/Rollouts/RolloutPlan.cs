namespace DeployOps.Rollouts;

/// <summary>What a rollout is going to do, decided from the plan and what was captured.</summary>
/// <param name="Release">The version that is rolled out.</param>
/// <param name="OldVersion">The version that carries the traffic now.</param>
/// <param name="Old">The instances that carry the traffic now.</param>
/// <param name="New">The instances that get the new version.</param>
/// <param name="Capture">What was captured.</param>
/// <param name="NewWeights">The weights after the cut-over, of every instance.</param>
public sealed record RolloutPlan(
    string Release,
    string OldVersion,
    IReadOnlyList<InstanceSpec> Old,
    IReadOnlyList<InstanceSpec> New,
    RolloutCapture Capture,
    IReadOnlyDictionary<string, int> NewWeights);

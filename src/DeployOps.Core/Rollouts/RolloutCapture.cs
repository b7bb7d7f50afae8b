namespace DeployOps.Rollouts;

/// <summary>Production before anything was touched: what going back returns to.</summary>
/// <param name="Weights">The router's weight by instance.</param>
/// <param name="Versions">The version each instance served; null where it did not run.</param>
public sealed record RolloutCapture(IReadOnlyDictionary<string, int> Weights, IReadOnlyDictionary<string, string?> Versions);

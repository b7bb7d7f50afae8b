using System.Text.Json.Serialization;

namespace DeployOps.Rollouts;

/// <summary>Production before anything was touched: what going back returns to.</summary>
/// <param name="Weights">The router's weight by instance.</param>
/// <param name="Versions">The version each instance served; null where it did not run.</param>
public sealed record RolloutCapture(IReadOnlyDictionary<string, int> Weights, IReadOnlyDictionary<string, string?> Versions)
{
    /// <summary>The weights of the plan's instances once the traffic has moved; null where that is not decided.</summary>
    public IReadOnlyDictionary<string, int>? After { get; init; }

    /// <summary>The version that carried the traffic; null where none could be told.</summary>
    [JsonIgnore]
    public string? ServedVersion => Weights.Where(weight => weight.Value > 0).Select(weight => Versions.GetValueOrDefault(weight.Key)).FirstOrDefault(version => version is not null);

    /// <summary>The weights of every destination once the traffic has moved; null where that is not decided.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, int>? WeightsAfter => After is null
        ? null
        : Weights.ToDictionary(weight => weight.Key, weight => After.GetValueOrDefault(weight.Key, weight.Value), StringComparer.Ordinal);
}

using System.Globalization;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>Which versions serve, at which weights, while instances are changed batch by batch.</summary>
internal static class RollingWords
{
    /// <summary>The words, and the weights where all are known.</summary>
    internal static (string Words, IReadOnlyDictionary<string, int>? Weights) Of(WindowFacts facts, RolloutCapture capture)
    {
        var doubts = capture.Weights.Keys.Order(StringComparer.Ordinal).Select(name => (Name: name, Step: Doubt(facts, name))).Where(one => one.Step is not null).ToList();
        var weights = capture.Weights.ToDictionary(weight => weight.Key, weight => Weight(facts, weight.Key, weight.Value), StringComparer.Ordinal);
        var versions = weights
            .Where(weight => weight.Value > 0 && doubts.TrueForAll(doubt => doubt.Name != weight.Key))
            .GroupBy(weight => InstanceWords.Version(facts, capture, weight.Key) ?? "no version", StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToList();
        if (versions.Count == 1 && doubts.Count == 0)
        {
            return TrafficWords.Served(versions[0].Key, weights);
        }

        var served = versions.Select(group => $"{group.Key} serves on {string.Join(", ", group.OrderBy(weight => weight.Key, StringComparer.Ordinal).Select(weight => string.Create(CultureInfo.InvariantCulture, $"{weight.Key} {weight.Value}")))}");
        var unknown = doubts.Select(doubt => $"whether {doubt.Name} is in the traffic is unknown: {StepWords.Of(doubt.Step!)}");

        return (string.Join(", ", [.. served, .. unknown]), doubts.Count == 0 ? weights : null);
    }

    private static int Weight(WindowFacts facts, string name, int captured) =>
        facts.Step(DrainStep.KeyOf(name)) is { State: StepState.Done } && facts.Step(AdmitStep.KeyOf(name)) is not { State: StepState.Done } ? 0 : captured;

    private static StepFacts? Doubt(WindowFacts facts, string name) =>
        new[] { facts.Step(AdmitStep.KeyOf(name)), facts.Step(DrainStep.KeyOf(name)) }.FirstOrDefault(step => !StepWords.IsCertain(step));
}

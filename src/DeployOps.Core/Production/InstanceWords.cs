using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>What the instances run that do not carry the traffic.</summary>
internal static class InstanceWords
{
    /// <summary>One phrase for all instances of which the same is so, and one for each of which nothing is certain.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="capture">What ran before.</param>
    /// <param name="weights">The present weights; null where they are unknown.</param>
    internal static IReadOnlyList<string> Of(WindowFacts facts, RolloutCapture? capture, IReadOnlyDictionary<string, int>? weights)
    {
        var names = (capture?.Versions.Keys ?? []).Order(StringComparer.Ordinal).ToList();
        var certain = names
            .Where(name => Doubt(facts, name) is null && (weights is null || weights.GetValueOrDefault(name) == 0))
            .GroupBy(name => Predicate(facts, capture!, name, weights is null ? "" : " without traffic"))
            .Select(group => Phrase([.. group], group.Key));
        var doubts = names
            .Where(name => Doubt(facts, name) is not null)
            .Select(name => $"what {name} runs{Traffic(weights, name)} is unknown: {StepWords.Of(Doubt(facts, name)!)}");

        return [.. certain, .. doubts];
    }

    private static string Traffic(IReadOnlyDictionary<string, int>? weights, string name) => weights is null ? "" : weights.GetValueOrDefault(name) == 0 ? " without traffic" : " with traffic";

    private static (string One, string Many) Predicate(WindowFacts facts, RolloutCapture capture, string name, string traffic)
    {
        // Going back to it may have started it again, or found it gone, before it failed.
        if (capture.Weights.GetValueOrDefault(name) > 0 && facts.Step(TrafficStep.Key) is { State: StepState.UndoIntended or StepState.UndoFailed })
        {
            return ($"ran {capture.Versions[name]} before", $"ran {capture.Versions[name]} before");
        }

        return Version(facts, capture, name) is { } version ? ($"runs {version}{traffic}", $"run {version}{traffic}") : ("does not run", "do not run");
    }

    private static StepFacts? Doubt(WindowFacts facts, string name) =>
        new[] { facts.Step(RetireStep.KeyOf(name)), facts.Step(DeployStep.KeyOf(name)) }.FirstOrDefault(step => !StepWords.IsCertain(step));

    /// <summary>The version an instance runs, as far as its steps tell; null where it does not run.</summary>
    internal static string? Version(WindowFacts facts, RolloutCapture capture, string name)
    {
        if (facts.Step(RetireStep.KeyOf(name))?.State == StepState.Done)
        {
            return null;
        }

        return facts.Step(DeployStep.KeyOf(name))?.State == StepState.Done ? facts.Opening.Release : capture.Versions.GetValueOrDefault(name);
    }

    private static string Phrase(List<string> names, (string One, string Many) predicate) => names.Count == 1
        ? $"{names[0]} {predicate.One}"
        : $"{string.Join(", ", names[..^1])} and {names[^1]} {predicate.Many}";
}

using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>What the instances run that do not carry the traffic.</summary>
internal static class InstanceWords
{
    /// <summary>One phrase for all instances of which the same is so.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="capture">What ran before.</param>
    /// <param name="weights">The present weights; null where they are unknown.</param>
    internal static IReadOnlyList<string> Of(WindowFacts facts, RolloutCapture? capture, IReadOnlyDictionary<string, int>? weights)
    {
        var names = capture?.Versions.Keys.Where(name => weights is null || weights.GetValueOrDefault(name) == 0 || Doubt(facts, name) is not null) ?? [];
        return
        [
            .. names
                .OrderBy(name => name, StringComparer.Ordinal)
                .Select(name => (Name: name, Predicate: Predicate(facts, capture!, name, weights)))
                .GroupBy(instance => instance.Predicate)
                .Select(group => Phrase([.. group.Select(instance => instance.Name)], group.Key)),
        ];
    }

    private static (string One, string Many) Predicate(WindowFacts facts, RolloutCapture capture, string name, IReadOnlyDictionary<string, int>? weights)
    {
        var traffic = weights is null ? "" : weights.GetValueOrDefault(name) == 0 ? " without traffic" : " with traffic";
        if (Doubt(facts, name) is { } doubt)
        {
            var unknown = $"runs what is unknown{traffic}: {StepWords.Of(doubt)}";
            return (unknown, unknown);
        }

        return Version(facts, capture, name) is { } version ? ($"runs {version}{traffic}", $"run {version}{traffic}") : ("does not run", "do not run");
    }

    private static StepFacts? Doubt(WindowFacts facts, string name) =>
        new[] { facts.Step(RetireStep.KeyOf(name)), facts.Step(DeployStep.KeyOf(name)) }.FirstOrDefault(step => !StepWords.IsCertain(step));

    private static string? Version(WindowFacts facts, RolloutCapture capture, string name)
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

using System.Globalization;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>Which version serves, at which weights.</summary>
internal static class TrafficWords
{
    /// <summary>The words, and the weights where they are known.</summary>
    internal static (string Words, IReadOnlyDictionary<string, int>? Weights) Of(WindowFacts facts, RolloutCapture? capture)
    {
        if (capture is null)
        {
            return ("no instance and no traffic was changed", null);
        }

        if (facts.Step(ClosedTrafficStep.Key) is { State: not StepState.Undone } closed)
        {
            return closed.State == StepState.Done
                ? ("nobody is served: traffic is stopped while databases are restored", null)
                : ($"which version serves is unknown: {StepWords.Of(closed)}", null);
        }

        if (facts.Steps.Any(step => DrainStep.Is(step.Key)))
        {
            return RollingWords.Of(facts, capture);
        }

        return facts.Step(TrafficStep.Key) switch
        {
            null or { State: StepState.Undone } => Served(capture.ServedVersion ?? "the old version", capture.Weights),
            { State: StepState.Done } done => capture.WeightsAfter is { } weights ? Served(facts.Opening.Release, weights) : ($"{facts.Opening.Release} serves everything ({done.Change})", null),
            { } step => ($"which version serves is unknown: {StepWords.Of(step)}", null),
        };
    }

    internal static (string Words, IReadOnlyDictionary<string, int>? Weights) Served(string version, IReadOnlyDictionary<string, int> weights)
    {
        var words = weights.OrderBy(weight => weight.Key, StringComparer.Ordinal).Select(weight => string.Create(CultureInfo.InvariantCulture, $"{weight.Key} {weight.Value}"));
        return ($"{version} serves everything ({string.Join(", ", words)})", weights);
    }
}

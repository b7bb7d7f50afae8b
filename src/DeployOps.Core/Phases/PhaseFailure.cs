using DeployOps.Production;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>
/// The one form in which a phase's error is told, in the order in which an operator needs it: what failed, where and by which numbers; what production is in
/// now; the next command. Three lines, each of which also reads where a view joins them.
/// </summary>
internal static class PhaseFailure
{
    /// <summary>A phase that ended otherwise than it should.</summary>
    internal static DeployOpsException Ended<TResult>(DeploymentPhase phase, PhaseAttempt<TResult> attempt, TResult result, NextCommand next)
        where TResult : PhaseResult
    {
        var how = result.Outcome switch
        {
            PhaseOutcome.Inconclusive when attempt.Error!.ErrorId == "WindowExpired" => "is not finished",
            PhaseOutcome.Inconclusive => "is inconclusive",
            PhaseOutcome.Cancelled => "was cancelled",
            PhaseOutcome.Superseded => "gave way",
            _ => "failed",
        };

        return Told(attempt.Error!, $"{phase} of {result.Window!.Id} {how}{At(attempt.At)}: {Sentence(attempt.Error!.Fact)}{attempt.Rest}", result.Production, next, result);
    }

    /// <summary>A phase that was not begun, or that could not be carried on or written down.</summary>
    internal static DeployOpsException Outside(DeployOpsException error, WindowSession session, DeploymentPhase phase, bool hasBegun)
    {
        if (error.Production is not null)
        {
            return error;
        }

        var facts = session.Facts;
        var how = hasBegun ? $"was broken off{At(StepWords.At(StepWords.Unfinished(facts, phase)))}" : "did not begin";

        return Told(
            error,
            $"{phase} of {facts.Opening.Id} {how}: {Sentence(error.Fact)}",
            ProductionState.Of(facts).ToString(),
            NextCommand.After(facts, phase, null, error),
            error.Target ?? session.Window);
    }

    /// <summary>A phase that was not begun since its window's log cannot be read or trusted.</summary>
    internal static DeployOpsException Untold(DeployOpsException error, DeploymentWindow window, DeploymentPhase phase) => Told(
        error,
        $"{phase} of {window.Id} did not begin: {Sentence(error.Fact)}",
        "unknown, since the log tells nothing that can be trusted; this command changed nothing.",
        NextCommand.Of(error, error.Command ?? NextCommand.TestLog(window.LogPath)),
        error.Target ?? window);

    /// <summary>Several refusals as one: the reason that is given goes against all of them, so whoever gives it has to know them all.</summary>
    internal static DeployOpsException AsOne(IReadOnlyList<DeployOpsException> needs) => needs.Count == 1
        ? needs[0]
        : new DeployOpsException(needs[0].ErrorId, needs[0].Kind, string.Join(' ', needs.Select(need => Sentence(need.Fact))), needs[0].NextStep, needs[0]) { Command = needs[0].Command };

    /// <summary>An error with its three lines.</summary>
    internal static DeployOpsException Told(DeployOpsException error, string what, string production, NextCommand next, object? target) =>
        new(error.ErrorId, error.Kind, $"{what}\nProduction: {production}\nNext: {next.Words}", null, error.InnerException ?? error)
        {
            Production = production,
            Command = next.Command,
            Target = target,
        };

    /// <summary>A text that ends as a sentence does.</summary>
    internal static string Sentence(string text) => text.Length > 0 && text[^1] is '.' or '!' or '?' ? text : $"{text}.";

    private static string At(string? step) => step is null ? "" : $" at {step}";
}

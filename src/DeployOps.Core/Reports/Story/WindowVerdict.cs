using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>What a window came to, in a word and a sentence.</summary>
/// <param name="Word">The word, such as <c>Released</c>.</param>
/// <param name="Tone">How it is meant.</param>
/// <param name="Sentence">The sentence.</param>
internal sealed record WindowVerdict(string Word, Tone Tone, string Sentence)
{
    /// <summary>Judges. Pure.</summary>
    internal static WindowVerdict Of(ReportStory story)
    {
        var window = story.Window;
        var old = story.OldVersion is { } version ? $"version {version}" : "the old version";
        return window.State switch
        {
            WindowState.Completed when NotPassed(story) is { Count: > 0 } open =>
                new("Completed by deviation", Tone.Warn, $"{Live(story, open)}: not every phase passed. {ReportText.Sentence(ReportText.List(open))}{Reason(story)}"),
            WindowState.Completed => new("Released", Tone.Good, $"{window.Service} {window.Release} is live in {window.Environment}; every phase passed."),
            WindowState.RolledBack when story.Steps.All(step => step.Phase == DeploymentPhase.Preparation) =>
                new("Ended without change", Tone.Warn, $"Nothing had been changed; {window.Environment} is as it was."),
            WindowState.RolledBack => new("Rolled back", Tone.Warn, $"{window.Service} {window.Release} is not live; {window.Environment} is back on {old}."),
            WindowState.RollbackFailed => new("Rollback failed", Tone.Bad, $"Going back did not succeed. A person is needed: {window.Environment} may be between {old} and {window.Release}."),
            WindowState.RollingBack => new("Going back", Tone.Warn, $"{window.Environment} is on its way back to {old}; this report was written before it arrived."),
            WindowState.Stopped => new("Stopped", Tone.Warn, "Somebody stopped the window; nothing went back. What had been changed until then is still in effect."),
            _ => Open(window),
        };
    }

    // Logs of earlier versions do not name them with the completion, but hold the runs.
    private static IReadOnlyList<string> NotPassed(ReportStory story) => story.Completion is { NotPassed.Count: > 0 } told
        ? told.NotPassed
        : [.. story.Runs.GroupBy(run => run.Phase).Select(runs => runs.Last()).Where(run => run.Outcome != PhaseOutcome.Succeeded).Select(run => $"{run.Phase} {(run.Outcome is { } outcome ? $"ended {outcome}" : "has not ended")}")];

    private static string Live(ReportStory story, IReadOnlyList<string> open) => open.Any(phase => phase.StartsWith($"{DeploymentPhase.Rollout} ", StringComparison.Ordinal))
        ? $"The window was completed, and whether {story.Window.Service} {story.Window.Release} is live in {story.Window.Environment} was not proven"
        : $"{story.Window.Service} {story.Window.Release} is live in {story.Window.Environment}";

    private static string Reason(ReportStory story) => story.Completion is { Deviation.Length: > 0 } told ? $" Completed all the same: {ReportText.Sentence(told.Deviation)}" : "";

    private static WindowVerdict Open(DeploymentWindow window) => window.Outcome switch
    {
        PhaseOutcome.Failed when window.Phase == DeploymentPhase.Preparation =>
            new($"{window.Phase} failed", Tone.Bad, "Nothing was changed, and the window is still open: mend the cause and run the same command again."),
        PhaseOutcome.Failed => new($"{window.Phase} failed", Tone.Bad, "Nothing went back, and the window is still open: mend the cause and go on, or go back."),
        PhaseOutcome.Inconclusive => new($"{window.Phase} inconclusive", Tone.Warn, "Evidence is missing, which is not success; the window is still open."),
        PhaseOutcome.Cancelled or PhaseOutcome.Superseded => new($"{window.Phase} interrupted", Tone.Warn, "The window is still open; the same command carries on from where it stood."),
        null => new($"{window.Phase} in progress", Tone.Plain, "This report was written while the window was open; it tells what had happened until then."),
        _ => new("In progress", Tone.Plain, $"{window.Phase} has ended and the window is open; this report tells what had happened until it was written."),
    };
}

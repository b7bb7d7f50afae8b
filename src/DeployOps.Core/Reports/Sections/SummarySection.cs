using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>What happened, in a few sentences for somebody who was not there.</summary>
internal static class SummarySection
{
    internal static ReportSection Render(ReportStory story) => new("summary", "What happened", new Tag("p", string.Join(" ", Sentences(story))).With("class", "story"));

    private static IEnumerable<string> Sentences(ReportStory story)
    {
        yield return Begin(story);
        if (Changes(story) is { } changes)
        {
            yield return changes;
        }

        if (story.WayBack is { } back)
        {
            yield return Back(story, back);
        }
        else if (story.Window.State == WindowState.Open && story.Window.Outcome is PhaseOutcome.Failed or PhaseOutcome.Inconclusive && story.Last(story.Window.Phase) is { } failed)
        {
            yield return $"{failed.Phase}: {ReportText.Sentence(failed.Summary)}";
        }

        if (Remarks(story) is { } remarks)
        {
            yield return remarks;
        }
    }

    private static string Begin(ReportStory story)
    {
        var window = story.Window;
        var span = $"{ReportText.Span(story.EndedAt - window.StartedAt)} of a window of {ReportText.Span(window.EndsAt - window.StartedAt)}";
        var release = $"the release of {window.Service} {window.Release} to {window.Environment}";
        return story.IsOver
            ? $"On {ReportText.Day(window.StartedAt)} from {ReportText.Clock(window.StartedAt)} to {story.Words(story.EndedAt)} UTC ({span}) {window.Executor} carried out {release}."
            : $"On {ReportText.Day(window.StartedAt)} at {ReportText.Clock(window.StartedAt)} UTC {window.Executor} began {release}; until this report, {span} had passed.";
    }

    private static string? Changes(ReportStory story)
    {
        var parts = new List<string>();
        foreach (var database in story.Migration?.Databases.Where(database => database.Scripts.Count > 0) ?? [])
        {
            parts.Add($"database {database.Database} was to go from {database.From ?? "no version"} to {database.To} with {ReportText.Count(database.Scripts.Count, "script")}");
        }

        if (story.Migration?.Outcome == PhaseOutcome.Succeeded)
        {
            parts = [.. parts.Select(part => part.Replace("was to go", "went", StringComparison.Ordinal))];
        }

        if (story.Traffic.MovedAt is { } moved)
        {
            parts.Add($"all traffic moved {(story.OldVersion is { } old ? $"from {old} " : "")}to {story.Window.Release} at {story.Words(moved)} UTC");
        }

        if (story.SmokeAfter.Count > 0)
        {
            parts.Add($"{story.SmokeAfter.Count(check => check.Outcome == SmokeOutcome.Passed)} of {ReportText.Count(story.SmokeAfter.Count, "smoke test")} passed");
        }

        if (story.Looks.Count > 0)
        {
            var last = story.Looks[^1];
            parts.Add($"monitoring said {last.Conclusion ?? last.Verdict} after {ReportText.Count(story.Looks.Count, "look")} in {ReportText.Span(last.Elapsed)}");
        }

        return parts.Count == 0 ? null : Capital($"{ReportText.List(parts)}.");
    }

    private static string Back(ReportStory story, WayBack back)
    {
        var reasons = back.Reasons.Select((reason, number) => $"{(number == 0 ? "It went back" : "That was begun again")} because: {ReportText.Sentence(reason)}");
        var earlier = back.Attempts.SkipLast(1).Select((run, number) => $"Attempt {ReportText.Number(number + 1)} of {ReportText.Number(back.Attempts.Count)} {End(run)}");
        string[] words = [.. reasons, .. earlier, ReportText.Sentence(back.Attempts[^1].Summary), .. Figures(story, back), Exposure(story)];

        return string.Join(' ', words);
    }

    private static string End(PhaseRun run) => run.Outcome is null ? "was not seen to end." : $"ended as '{ReportText.Outcome(run.Outcome)}': {ReportText.Sentence(run.Summary)}";

    // One attempt tells its own figures; of several only all together say how long production took to be back.
    private static IEnumerable<string> Figures(ReportStory story, WayBack back)
    {
        if (back.Attempts.Count > 1 && back.Took is { } took)
        {
            var traffic = back.TrafficBackAfter is { } after ? $"; all traffic was back {ReportText.Span(after)} after it" : "";
            yield return $"Going back took {ReportText.Span(took)} from the first decision{traffic}.";
        }

        if (story.Traffic.Unserved > TimeSpan.Zero)
        {
            yield return $"Nobody was served for {ReportText.Span(story.Traffic.Unserved)} while databases were restored.";
        }
    }

    private static string Exposure(ReportStory story) => story.Traffic switch
    {
        { MovedAt: { } moved, BackAt: { } returned } => $"Users were on {story.Window.Release} for {ReportText.Span(returned - moved)}.",
        { BegunAt: null } => $"No user was ever sent to {story.Window.Release}.",
        { BegunAt: { } begun, BackAt: { } returned } => $"Some users may have met {story.Window.Release} between {story.Words(begun)} and {story.Words(returned)} UTC.",
        { BegunAt: { } begun } => $"Users may have been on {story.Window.Release} since {story.Words(story.Traffic.MovedAt ?? begun)} UTC.",
    };

    private static string? Remarks(ReportStory story)
    {
        var parts = new List<string>();
        if (story.Deviations.Count > 0)
        {
            parts.Add(ReportText.Count(story.Deviations.Count, "deviation from the plan", "deviations from the plan"));
        }

        if (story.Notes.Count > 0)
        {
            parts.Add(ReportText.Count(story.Notes.Count, "issue"));
        }

        return parts.Count == 0 ? null : $"{Capital(ReportText.List(parts))} {(story.Deviations.Count + story.Notes.Count == 1 ? "was" : "were")} recorded.";
    }

    private static string Capital(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}";
}

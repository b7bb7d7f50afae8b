using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Smoke;

namespace DeployOps.Reports.Sections;

/// <summary>The critical journeys on the old version and on the new one.</summary>
internal static class SmokeSection
{
    internal static ReportSection Render(ReportStory story) => new("smoke", "Smoke tests", Checks(story));

    /// <summary>Whether a gate is the answer of a smoke test, which has a table of its own.</summary>
    internal static bool IsSmoke(GateAnswer gate) => gate.Result.Name.StartsWith("smoke ", StringComparison.Ordinal);

    private static Tag? Checks(ReportStory story)
    {
        var table = new ReportTable("Before on the old version, after on the new one", "Test", "Before", "After", "Requests", "Took", "What failed");
        foreach (var name in story.SmokeAfter.Concat(story.SmokeBefore).Select(check => check.Name).Distinct(StringComparer.Ordinal))
        {
            var before = story.SmokeBefore.FirstOrDefault(check => check.Name == name);
            var after = story.SmokeAfter.FirstOrDefault(check => check.Name == name);
            var shown = after ?? before!;
            table.Row(
                name,
                Outcome(before),
                Outcome(after),
                Health.Metrics.MetricText.Count(shown.Requests),
                ReportText.Span(shown.Duration),
                Failure(after) ?? Failure(before));
        }

        return table.ToTag();
    }

    private static string? Failure(SmokeCheck? check) => check is null || check.Message.Length == 0
        ? null
        : ReportText.Clip(check.Line > 0 ? $"{check.Path}:{ReportText.Number(check.Line)}: {check.Message}" : check.Message);

    private static Tag Outcome(SmokeCheck? check) => check?.Outcome switch
    {
        null => Badge.Of("Not run", Tone.Plain),
        SmokeOutcome.Passed => Badge.Of("Passed", Tone.Good),
        SmokeOutcome.Failed => Badge.Of("Failed", Tone.Bad),
        SmokeOutcome.Error => Badge.Of("Could not run", Tone.Bad),
        SmokeOutcome.PreExisting => Badge.Of("Failed before too", Tone.Warn),
        _ => Badge.Of("Planned", Tone.Plain),
    };
}

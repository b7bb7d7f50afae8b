using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>What the check-ins found after the window was completed.</summary>
internal static class CheckInsSection
{
    internal static ReportSection Render(ReportStory story)
    {
        var table = new ReportTable("Check-ins", "Check-in", "Missed before", "Time", "Verdict", "What was worst");
        foreach (var look in story.CheckIns)
        {
            table.Row(MetricText.Count(look.Number), MetricText.Count(look.Missed), story.Stamp(look.Time), MonitoringSection.Verdict(look.Verdict), ReportText.Clip(look.Summary));
        }

        return new("check-ins", "Extended monitoring", table.Count == 0 ? null : new Tag("p", Words(story.CheckIns, story.CheckInsLeft)), table.ToTag());
    }

    private static string Words(IReadOnlyList<HealthLook> looks, string? left)
    {
        var good = looks.Count(look => look.Verdict == HealthVerdict.Healthy);
        var missed = looks.Sum(look => look.Missed) is > 0 and var sum ? $" {sum} more were missed, and judged by those after them." : "";
        var end = (looks[^1].Conclusion, left) switch
        {
            ({ } worst, _) => $"It has come to its end: {worst}{(worst == HealthVerdict.Healthy ? " throughout" : " at worst")}.",
            (null, not null) => $"It has ended. {ReportText.Sentence(left)}",
            _ => "It goes on.",
        };
        return $"{good} of {ReportText.Count(looks.Count, "check-in")} found everything well.{missed} {end}";
    }
}

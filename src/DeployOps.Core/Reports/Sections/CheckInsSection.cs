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
        var table = new ReportTable("Check-ins", "Check-in", "Time", "Verdict", "What was worst");
        foreach (var look in story.CheckIns)
        {
            table.Row(MetricText.Count(look.Number), story.Stamp(look.Time), MonitoringSection.Verdict(look.Conclusion ?? look.Verdict), ReportText.Clip(look.Summary));
        }

        return new("check-ins", "Extended monitoring", table.Count == 0 ? null : new Tag("p", Words(story.CheckIns)), table.ToTag());
    }

    private static string Words(IReadOnlyList<HealthLook> looks)
    {
        var good = looks.Count(look => look.Verdict == HealthVerdict.Healthy);
        var end = looks[^1].Conclusion is { } conclusion ? $"It has come to its end: {conclusion}." : "It goes on.";
        return $"{good} of {ReportText.Count(looks.Count, "check-in")} found everything well. {end}";
    }
}

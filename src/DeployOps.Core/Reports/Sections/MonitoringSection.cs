using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>Each metric against its baseline and limit, as numbers and as a line, and every look.</summary>
internal static class MonitoringSection
{
    internal static ReportSection Render(ReportStory story)
    {
        var lines = MetricLine.Read(story);
        var charts = lines.Select(line => MetricChart.Render(story, line)).OfType<Tag>().ToList();
        return new(
            "monitoring",
            "Monitoring",
            lines.Count == 0 ? null : new Tag("p", Conclusion(story)),
            Metrics(lines),
            charts.Count == 0 ? null : new Tag("div", charts).With("class", "charts"),
            Checks(story),
            Looks(story));
    }

    private static string Conclusion(ReportStory story)
    {
        if (story.Looks.Count == 0)
        {
            return "The watch made no look; only the baseline was measured.";
        }

        var last = story.Looks[^1];
        var began = story.Words(last.Time - last.Elapsed);
        return last.Conclusion is { } conclusion
            ? $"The watch began at {began} and came to {conclusion} after {ReportText.Span(last.Elapsed)}: {ReportText.Sentence(last.Summary)}"
            : $"The watch began at {began} and has no conclusion: {ReportText.Sentence(last.Summary)}";
    }

    private static Tag? Metrics(IReadOnlyList<MetricLine> lines)
    {
        var table = new ReportTable("Metrics", "Metric", "Baseline", "Limit", "Last value", "Verdict", "Numbers");
        foreach (var line in lines)
        {
            table.Row(
                line.Name,
                line.BaselineText,
                line.Limit is { } limit ? line.Allowed(limit) : "–",
                line.Last is { } last ? line.Measured(last) : "–",
                line.Finding is null ? Badge.Of("Not judged", Tone.Plain) : Badge.Of(line.Finding.Verdict),
                line.Finding is null ? null : ReportText.Clip(line.Finding.Detail));
        }

        return table.ToTag();
    }

    private static Tag? Checks(ReportStory story)
    {
        if (story.Looks.Count == 0)
        {
            return null;
        }

        var table = new ReportTable("Checks at the last look", "Check", "Verdict", "Numbers");
        var look = story.Looks[^1];
        foreach (var finding in look.Findings.Where(finding => look.Values.All(value => value.Metric != finding.Metric)))
        {
            table.Row(finding.Metric, Badge.Of(finding.Verdict), ReportText.Clip(finding.Detail));
        }

        return table.ToTag();
    }

    private static Tag? Looks(ReportStory story)
    {
        var table = new ReportTable("Every look of the watch", "Look", "Time", "Verdict", "What was worst");
        foreach (var look in story.Looks)
        {
            table.Row(MetricText.Count(look.Number), story.Stamp(look.Time), Verdict(look.Conclusion ?? look.Verdict), ReportText.Clip(look.Summary));
        }

        return table.Count == 0 ? null : new Tag("details", new Tag("summary", $"All {ReportText.Count(table.Count, "look")}"), table.ToTag());
    }

    /// <summary>A verdict as a badge.</summary>
    internal static Tag Verdict(HealthVerdict verdict) => Badge.Of(verdict.ToString(), verdict switch
    {
        HealthVerdict.Healthy => Tone.Good,
        HealthVerdict.Rollback => Tone.Bad,
        _ => Tone.Warn,
    });
}

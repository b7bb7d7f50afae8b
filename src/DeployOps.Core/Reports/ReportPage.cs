using System.Text;
using DeployOps.Journal;
using DeployOps.Reports.Html;
using DeployOps.Reports.Sections;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>The report as one self-contained page, from the journal alone: no script, nothing loaded, everything encoded.</summary>
internal static class ReportPage
{
    /// <summary>What tells a report from every other file: it stands in the head of each.</summary>
    internal const string Generator = "<meta name=\"generator\" content=\"DeployOps\">";

    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    /// <summary>Writes the page. The same input gives the same page, in every culture and time zone.</summary>
    /// <param name="window">The window.</param>
    /// <param name="facts">Its state.</param>
    /// <param name="records">Its whole journal.</param>
    /// <param name="writtenAt">The time of the report, UTC.</param>
    internal static string Render(DeploymentWindow window, WindowFacts facts, IReadOnlyList<JournalRecord> records, DateTimeOffset writtenAt)
    {
        var story = ReportStory.Read(window, facts, records, writtenAt);
        var page = new StringBuilder("<!doctype html>\n");
        new Tag("html", Head(story), Body(story)).With("lang", "en").Write(page);

        return page.ToString();
    }

    private static Tag Head(ReportStory story) => new(
        "head",
        new Tag("meta").With("charset", "utf-8"),
        new Tag("meta").With("name", "generator").With("content", "DeployOps"),
        new Tag("meta").With("http-equiv", "Content-Security-Policy").With("content", Policy),
        new Tag("meta").With("name", "viewport").With("content", "width=device-width, initial-scale=1"),
        new Tag("meta").With("name", "color-scheme").With("content", "light dark"),
        new Tag("meta").With("name", "referrer").With("content", "no-referrer"),
        new Tag("title", $"{VerdictSection.Title(story)}: {WindowVerdict.Of(story).Word}"),
        StyleSheet.Instance);

    private static Tag Body(ReportStory story)
    {
        var sections = Sections(story).Where(section => section.IsTold).ToList();
        return new Tag(
            "body",
            new Tag(
                "main",
                [
                    VerdictSection.Render(story),
                    new Tag("nav", sections.Select(section => new Tag("a", section.Title).With("href", $"#{section.Id}"))).With("aria-label", "Contents"),
                    .. sections.Select(section => section.ToTag()),
                ]),
            new Tag("footer", $"Written by DeployOps from the execution log of {story.Window.Id} at {ReportText.Moment(story.WrittenAt)}. All times are UTC."));
    }

    private static IEnumerable<ReportSection> Sections(ReportStory story) =>
    [
        SummarySection.Render(story),
        TimelineSection.Render(story),
        RollbackSection.Render(story),
        IssuesSection.Render(story),
        PreparationSection.Render(story),
        MigrationSection.Render(story),
        RolloutSection.Render(story),
        SmokeSection.Render(story),
        MonitoringSection.Render(story),
        CheckInsSection.Render(story),
        LogSection.Render(story),
    ];
}

using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Reports.Html;
using DeployOps.Reports.Sections;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>What a report tells, from the journal alone, whatever it is written as.</summary>
/// <param name="Title">The title with the verdict.</param>
/// <param name="Header">The verdict and what the window was about.</param>
/// <param name="Sections">The sections that have something to tell, in order.</param>
/// <param name="Footer">Who wrote it when, from what.</param>
internal sealed record ReportContent(string Title, Tag Header, IReadOnlyList<ReportSection> Sections, Tag Footer)
{
    /// <summary>Everything, in order.</summary>
    internal IEnumerable<Tag> Parts => [Header, .. Sections.Select(section => section.ToTag()), Footer];

    /// <summary>The same without what the journal did not know to be secret when it was written.</summary>
    internal ReportContent Without(Func<string, string> redact) => new(
        redact(Title),
        Header.WithTexts(redact),
        [.. Sections.Select(section => section with { Content = [.. section.Content.Select(node => node?.WithTexts(redact))] })],
        Footer.WithTexts(redact));

    /// <summary>Reads a journal. Pure.</summary>
    /// <param name="window">The window.</param>
    /// <param name="facts">Its state.</param>
    /// <param name="records">Its whole journal.</param>
    /// <param name="writtenAt">The time of the report, UTC.</param>
    /// <param name="waiting">The notices that wait, by channel.</param>
    internal static ReportContent Read(DeploymentWindow window, WindowFacts facts, IReadOnlyList<JournalRecord> records, DateTimeOffset writtenAt, IReadOnlyList<WaitingNotices>? waiting = null)
    {
        var story = ReportStory.Read(window, facts, records, writtenAt, waiting ?? []);
        return new ReportContent(
            $"{VerdictSection.Title(story)}: {WindowVerdict.Of(story).Word}",
            VerdictSection.Render(story),
            [.. SectionsOf(story).Where(section => section.IsTold)],
            new Tag("footer", $"Written by DeployOps from the execution log of {story.Window.Id} at {ReportText.Moment(story.WrittenAt)}. All times are UTC."));
    }

    private static IEnumerable<ReportSection> SectionsOf(ReportStory story) =>
    [
        SummarySection.Render(story),
        TimelineSection.Render(story),
        RollbackSection.Render(story),
        IssuesSection.Render(story),
        CommunicationSection.Render(story),
        PreparationSection.Render(story),
        MigrationSection.Render(story),
        RolloutSection.Render(story),
        SmokeSection.Render(story),
        MonitoringSection.Render(story),
        CheckInsSection.Render(story),
        LogSection.Render(story),
    ];
}

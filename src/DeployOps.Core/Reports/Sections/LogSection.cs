using DeployOps.Journal;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>The whole execution log, and how to see that it is what was written.</summary>
internal static class LogSection
{
    internal static ReportSection Render(ReportStory story)
    {
        var last = story.Records[^1];
        return new(
            "log",
            "Execution log",
            new Tag("p", $"When this report was written the log had {ReportText.Count(story.Records.Count, "record")}. The hash of the last one vouches for all of them:"),
            new Tag("p", new Tag("code", last.Hash)).With("class", "hash"),
            new Tag(
                "p",
                "To verify, run ",
                new Tag("code", $"Get-DeploymentWindow {Quoted(story.Window.Id)} | Test-DeploymentLog"),
                $" and compare its head with this hash. A log that went on since then has more records; its record {last.Seq} still has this hash."),
            story.Window.LogPath.Length == 0 ? null : new Tag("p", "The log is ", new Tag("code", story.Window.LogPath), "."),
            new Tag("details", new Tag("summary", $"The complete log, {ReportText.Count(story.Records.Count, "record")}"), Table(story)).With("class", "log"));
    }

    private static Tag? Table(ReportStory story)
    {
        var table = new ReportTable("Execution log, times in UTC", "No.", "Time", "Phase", "Kind", "Target", "Message");
        foreach (var record in story.Records)
        {
            table.Row(Number(record), ReportText.Stamp(record.Time, ReportText.Exact(record.Time)), record.Phase?.ToString(), record.Kind.ToString(), record.Target is { } target ? target : null, record.Message);
        }

        return table.ToTag();
    }

    private static string Number(JournalRecord record) => record.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // Ids that need no quotes in PowerShell stay as an operator types them.
    private static string Quoted(string id) =>
        id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_') ? id : $"'{id.Replace("'", "''", StringComparison.Ordinal)}'";
}

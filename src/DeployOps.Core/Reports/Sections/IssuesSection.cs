using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>What people met and how it was resolved, what went another way than planned, and what deserves a look.</summary>
internal static class IssuesSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "issues",
        "Issues, deviations and warnings",
        Notes(story),
        Deviations(story),
        Warnings(story),
        story.Notes.Count + story.Deviations.Count == 0 ? new Tag("p", "No issue and no deviation was recorded.") : null);

    private static Tag? Notes(ReportStory story)
    {
        var table = new ReportTable("Issues and how they were resolved", "Issue", "Time", "Phase", "Noted by", "Resolution");
        foreach (var note in story.Notes)
        {
            table.Row(note.Issue, story.Stamp(note.At), note.Phase?.ToString(), note.By, note.Resolution is { } resolution ? resolution : Badge.Of("No resolution noted", Tone.Warn));
        }

        return table.ToTag();
    }

    private static Tag? Deviations(ReportStory story)
    {
        var table = new ReportTable("Deviations from the plan", "What was refused", "Time", "Phase", "Reason to go on");
        foreach (var deviation in story.Deviations)
        {
            table.Row(new Tag("code", deviation.Target ?? "deviation"), story.Stamp(deviation.Time), deviation.Phase?.ToString(), deviation.Message);
        }

        return table.ToTag();
    }

    private static Tag? Warnings(ReportStory story)
    {
        var table = new ReportTable("Warnings", "What", "Time", "Detail");
        foreach (var warning in ReportWarning.Find(story))
        {
            table.Row(ReportText.Clip(warning.What), warning.At is { } at ? story.Stamp(at) : null, ReportText.Clip(warning.Detail));
        }

        return table.ToTag();
    }
}

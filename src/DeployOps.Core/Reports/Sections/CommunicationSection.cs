using DeployOps.Incidents;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>Whether an incident was open when a phase was to begin, and who was told what.</summary>
internal static class CommunicationSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "communication",
        "Incidents and notices",
        GatesTable.Render(story, "Whether an incident was open, asked before each phase", story.Gates.Where(IsIncident), withPhase: true),
        Notices(story),
        Refused(story),
        Waiting(story));

    /// <summary>Whether a gate is the answer about incidents, which has a table of its own.</summary>
    internal static bool IsIncident(GateAnswer gate) => gate.Result.Name == IncidentGate.Name;

    private static Tag? Notices(ReportStory story)
    {
        var table = new ReportTable("Notices that were taken", "What was told", "Happened", "Taken by");
        foreach (var notice in story.Told)
        {
            table.Row(ReportText.Clip(notice.Title), story.Stamp(notice.HappenedAt), string.Join("; ", notice.Taken.Select(taken => $"{taken.Channel} at {story.Words(taken.At)}")));
        }

        return table.ToTag();
    }

    private static Tag? Refused(ReportStory story)
    {
        var table = new ReportTable("Notices that a channel refused for good", "Channel", "Refused", "What it said");
        foreach (var refusal in story.Refused)
        {
            table.Row(refusal.Target ?? "", story.Stamp(refusal.Time), ReportText.Clip(refusal.Message));
        }

        return table.ToTag();
    }

    private static Tag? Waiting(ReportStory story)
    {
        var table = new ReportTable("Notices that wait: the next command sends them", "Channel", "Waiting", "Since", "The first of them");
        foreach (var (channel, notices) in story.Waiting)
        {
            table.Row(channel, ReportText.Count(notices.Count, "notice"), story.Stamp(notices[0].Time), ReportText.Clip(notices[0].Title));
        }

        return table.ToTag();
    }
}

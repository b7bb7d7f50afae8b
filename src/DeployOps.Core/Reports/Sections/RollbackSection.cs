using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>The way back: why, how fast, what was taken back, and how the old version was tested.</summary>
internal static class RollbackSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "rollback",
        "The way back",
        story is { Rollback: { } rollback, WayBack: { } back } ? Facts(story, rollback, back) : null,
        StepsTable.Render(story, "Steps of the way back, in order", story.Steps.Where(step => step.IsUndo || step.Phase == DeploymentPhase.Rollback)),
        GatesTable.Render(story, "Gates of the way back, smoke tests of the old version among them", story.Gates.Where(gate => gate.Phase == DeploymentPhase.Rollback)));

    private static Tag Facts(ReportStory story, Rollbacks.RollbackResult rollback, WayBack back) => new Tag(
        "dl",
        [
            .. back.Reasons.Select((reason, number) => Fact(number == 0 ? "Why" : "Why again", ReportText.Clip(reason))),
            back.Attempts.Count > 1 ? Fact("Attempts", ReportText.Number(back.Attempts.Count)) : null,
            Fact("Came to", Badge.Of(rollback.Outcome)),
            rollback.To is null ? null : Fact("Back on", rollback.To),
            back.TrafficBackAfter is { } after ? Fact("All traffic back", $"{ReportText.Span(after)} after the {(back.Attempts.Count > 1 ? "first " : "")}decision") : null,
            story.Traffic.Unserved > TimeSpan.Zero ? Fact("Nobody served", ReportText.Span(story.Traffic.Unserved)) : null,
            Fact("Database", rollback.Database.ToString()),
        ]).With("class", "facts");

    private static Tag Fact(string name, HtmlNode value) => new("div", new Tag("dt", name), new Tag("dd", value));
}

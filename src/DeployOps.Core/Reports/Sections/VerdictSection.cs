using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>The top of the page: what the window came to, and what it was about.</summary>
internal static class VerdictSection
{
    internal static Tag Render(ReportStory story)
    {
        var verdict = WindowVerdict.Of(story);
        return new Tag(
            "header",
            new Tag("p", Badge.Of(verdict.Word, verdict.Tone)).With("class", "verdict"),
            new Tag("h1", Title(story)),
            new Tag("p", verdict.Sentence).With("class", "lead"),
            Facts(story)).With("class", $"top {Badge.Class(verdict.Tone)}");
    }

    /// <summary>What was released where.</summary>
    internal static string Title(ReportStory story) => $"{story.Window.Service} {story.Window.Release} to {story.Window.Environment}";

    private static Tag Facts(ReportStory story)
    {
        var window = story.Window;
        var opening = story.Opening;
        var facts = new List<HtmlNode?>
        {
            Fact("State", window.State.ToString()),
            Fact("Window", window.Id),
            Fact("Production", story.Runs.Where(run => run.Outcome is not null).Select(run => run.Result?["production"]?.GetValue<string>()).LastOrDefault(words => !string.IsNullOrEmpty(words))),
            Fact("Began", ReportText.Stamp(window.StartedAt, ReportText.Moment(window.StartedAt))),
            story.IsOver ? Fact("Ended", ReportText.Stamp(story.EndedAt, ReportText.Moment(story.EndedAt))) : null,
            Fact(story.IsOver ? "Took" : "So far", $"{ReportText.Span(story.EndedAt - window.StartedAt)} of {ReportText.Span(window.EndsAt - window.StartedAt)}"),
            Fact("Executor", window.Executor),
            Fact("Lead (approved)", window.Lead.Length == 0 ? "nobody" : window.Lead),
            Fact("Monitor", opening.Monitor),
            Fact("Communicator", opening.Communicator),
            opening.ApprovedAt is { } approved ? Fact("Approved", ReportText.Stamp(approved, ReportText.Moment(approved))) : null,
            Fact("Plan", new Tag("code", window.PlanPath)),
            Fact("Started from", opening.StartedFrom.Length == 0 ? "a prompt" : new Tag("code", opening.StartedFrom)),
            Fact("Plan digest", new Tag("code", window.Digest)),
            Fact("DeployOps", opening.ModuleVersion),
        };

        return new Tag("dl", facts).With("class", "facts");
    }

    private static Tag? Fact(string name, string? value) => string.IsNullOrEmpty(value) ? null : Fact(name, (HtmlNode)value);

    private static Tag Fact(string name, HtmlNode value) => new("div", new Tag("dt", name), new Tag("dd", value));
}

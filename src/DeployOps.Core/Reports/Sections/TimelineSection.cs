using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>Planned and actual time as bars: the window on its own scale, the phases on the scale of what happened.</summary>
internal static class TimelineSection
{
    private const int Ticks = 5;

    // Shares of the picture: a label behind a bar needs about an eighth of it on a wide screen, one in a bar somewhat more.
    private const double RoomyEnd = 0.85;
    private const double RoomyBar = 0.2;

    internal static ReportSection Render(ReportStory story) => new(
        "timeline", "Timeline", Figure(story), PhasesTable.Render(story));

    private static Tag Figure(ReportStory story) => new Tag(
        "figure",
        new Tag("figcaption", $"Planned and actual time, UTC. {Words(story)}"),
        new Tag("div", Planned(story)).With("class", "chart"),
        new Tag("div", [.. Phases(story)]).With("class", "chart")).With("class", "timeline");

    private static string Words(ReportStory story)
    {
        var words = new List<string> { $"The window was planned from {story.Words(story.Window.StartedAt)} to {story.Words(story.Window.EndsAt)}." };
        words.Add(story.Traffic.MovedAt is { } moved ? $"Cut-over at {story.Words(moved)}." : "There was no cut-over.");
        if (story.Traffic.BackAt is { } back)
        {
            words.Add($"Traffic was back at {story.Words(back)}.");
        }

        return string.Join(" ", words);
    }

    private static List<Tag> Planned(ReportStory story)
    {
        var window = story.Window;
        var end = story.EndedAt > window.EndsAt ? story.EndedAt : window.EndsAt;
        var scale = new TimeScale(window.StartedAt, end);
        var used = $"{ReportText.Span(story.EndedAt - window.StartedAt)} used";
        return
        [
            Axis(story, scale),
            Row("Planned", [Bar(scale, window.StartedAt, window.EndsAt, "planned", ReportText.Span(window.EndsAt - window.StartedAt))]),
            Row("Actual", [Bar(scale, window.StartedAt, story.EndedAt, Badge.Class(WindowVerdict.Of(story).Tone), used)]),
        ];
    }

    private static IEnumerable<Tag> Phases(ReportStory story)
    {
        if (story.Runs.Count == 0)
        {
            yield break;
        }

        var scale = new TimeScale(story.Window.StartedAt, story.EndedAt);
        yield return Axis(story, scale);
        foreach (var phase in story.Runs.GroupBy(run => run.Phase))
        {
            var bars = phase.Select(run => Bar(scale, run.BeganAt, run.EndedAt ?? EndOf(story, run), Badge.Class(Badge.ToneOf(run.Outcome)), Length(story, run)));
            yield return Row(phase.Key.ToString(), [.. bars, .. Marks(story, scale)]);
        }

        foreach (var label in MarkLabels(story, scale))
        {
            yield return Row("", [label], "row marks");
        }
    }

    // Nobody saw it end: it lasted at most until something else began, or until now.
    private static DateTimeOffset EndOf(ReportStory story, PhaseRun run) =>
        story.Runs.FirstOrDefault(next => next.BeganAt > run.BeganAt)?.BeganAt ?? story.EndedAt;

    private static string Length(ReportStory story, PhaseRun run) => ReportText.Span((run.EndedAt ?? EndOf(story, run)) - run.BeganAt);

    private static IEnumerable<Tag> Marks(ReportStory story, TimeScale scale) =>
        Moments(story).Select(moment => new Tag("span").With("class", $"mark {moment.Class}").With("style", $"left:{scale.Place(moment.At)}%"));

    private static IEnumerable<Tag> MarkLabels(ReportStory story, TimeScale scale) => Moments(story).Select(moment =>
        new Tag("span", $"{moment.Words} {story.Words(moment.At)}").With("class", $"label {moment.Class} {scale.Side(moment.At)}").With("style", scale.Anchor(moment.At)));

    private static IEnumerable<(DateTimeOffset At, string Words, string Class)> Moments(ReportStory story)
    {
        if (story.Traffic.MovedAt is { } moved)
        {
            yield return (moved, "cut-over", "cutover");
        }

        if (story.Traffic.BackAt is { } back)
        {
            yield return (back, "traffic back", "back");
        }
    }

    private static Tag Axis(ReportStory story, TimeScale scale)
    {
        var ticks = Enumerable.Range(0, Ticks).Select(tick => scale.At((double)tick / (Ticks - 1)));
        return Row("", [.. ticks.Select((time, tick) =>
            new Tag("span", $"{story.Words(time)}{scale.Fraction(time)}").With("class", $"tick t{tick} {scale.Side(time)}").With("style", scale.Anchor(time)))], "row axis").With("aria-hidden", "true");
    }

    // Behind the bar where there is room, else in it, else before it.
    private static string Place(double from, double to) => (to <= RoomyEnd, to - from >= RoomyBar) switch
    {
        (true, _) => "after",
        (_, true) => "inside",
        _ => "before",
    };

    private static Tag Row(string name, IReadOnlyList<Tag> bars, string look = "row") => new Tag(
        "div", new Tag("span", name).With("class", "name"), new Tag("div", bars).With("class", "track")).With("class", look);

    private static Tag Bar(TimeScale scale, DateTimeOffset from, DateTimeOffset to, string look, string words) => new Tag(
        "span", new Tag("span", words).With("class", Place(scale.Place01(from), scale.Place01(to))))
        .With("class", $"bar {look}").With("style", $"left:{scale.Place(from)}%;width:{scale.Width(from, to)}%");
}

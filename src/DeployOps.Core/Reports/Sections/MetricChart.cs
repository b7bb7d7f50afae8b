using System.Text;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>A metric's values as a line, with the baseline, the limit and, where it is near, the cut-over.</summary>
/// <remarks>
/// Drawn here and not by OxyPlot.Core 2.2.0, whose SVG was tried: it writes colours into each element's style, which no style sheet of a page turns dark or into print; it has no
/// <c>title</c>, <c>desc</c> or role for who listens to the picture; and its clip paths have the same ids in every picture of a page.
/// </remarks>
internal static class MetricChart
{
    private const double Width = 360;
    private const double Height = 130;
    private const double Left = 8;
    private const double Right = 352;
    private const double Top = 16;
    private const double Bottom = 110;

    // A limit far above everything measured would press the line flat onto the axis; then it is told and not drawn.
    private const double FarLimit = 5;

    /// <summary>The picture; null where fewer than two looks measured a value.</summary>
    internal static Tag? Render(ReportStory story, MetricLine line)
    {
        var points = line.Points.Where(point => point.Value is { } value && double.IsFinite(value)).ToList();
        if (points.Count < 2)
        {
            return null;
        }

        var highest = points.Max(point => point.Value!.Value);
        var seen = Math.Max(highest, line.Baseline ?? highest);
        var isLimitNear = line.Limit is { } limit && (seen <= 0 || limit <= FarLimit * seen);
        var ceiling = Math.Max(seen, isLimitNear ? line.Limit!.Value : seen);
        var floor = Math.Min(0, points.Min(point => point.Value!.Value));
        var y = Scale(floor, ceiling > floor ? ceiling : floor + 1);
        var times = new TimeScale(Start(story, points[0].At, points[^1].At), points[^1].At);

        return new Tag(
            "figure",
            new Tag("figcaption", new Tag("b", line.Name), $" {line.Measured(points[^1].Value!.Value)} at last, {line.Measured(points.Min(point => point.Value!.Value))} to {line.Measured(highest)}{(line.Limit is { } allowed && !isLimitNear ? $"; the limit {line.Allowed(allowed)} lies far above the picture" : "")}{Before(story, times)}"),
            new Tag(
                "svg",
                new Tag("title", Words(story, line, points)),
                Rule(Bottom, "axis"),
                isLimitNear ? Rule(y(line.Limit!.Value), "limit") : null,
                line.Baseline is { } baseline ? Rule(y(baseline), "baseline") : null,
                CutOver(story, times),
                new Tag("path").With("class", "line").With("d", Path(line, times, y)),
                Dot(times, y, points[^1]),
                Label(story.Words(times.From), Left, Bottom + 14, "start"),
                Label(story.Words(times.To), Right, Bottom + 14, "end")).With("viewBox", $"0 0 {ReportText.Number(Width)} {ReportText.Number(Height)}").With("role", "img"),
            Legend(line, isLimitNear)).With("class", "metric");
    }

    // The cut-over is drawn where it is near enough not to squeeze the watch into a corner.
    private static DateTimeOffset Start(ReportStory story, DateTimeOffset first, DateTimeOffset last) =>
        story.Traffic.MovedAt is { } moved && moved < first && first - moved <= last - first ? moved : first;

    private static string Before(ReportStory story, TimeScale times) =>
        story.Traffic.MovedAt is { } moved && moved < times.From ? $"; cut-over at {story.Words(moved)}, before the picture" : "";

    private static Func<double, double> Scale(double floor, double ceiling) => value => Bottom - ((Bottom - Top) * (value - floor) / (ceiling - floor));

    private static double X(TimeScale times, DateTimeOffset time) => Left + ((Right - Left) * times.Place01(time));

    private static string Path(MetricLine line, TimeScale times, Func<double, double> y)
    {
        var path = new StringBuilder();
        var pen = 'M';
        foreach (var (time, value) in line.Points)
        {
            if (value is not { } number || !double.IsFinite(number))
            {
                pen = 'M';
                continue;
            }

            path.Append(pen).Append(ReportText.Number(X(times, time))).Append(' ').Append(ReportText.Number(y(number)));
            // A value between two gaps is a line of no length, which round ends show as a dot.
            path.Append(pen == 'M' ? "h0" : "");
            pen = 'L';
        }

        return path.ToString();
    }

    private static Tag Dot(TimeScale times, Func<double, double> y, (DateTimeOffset At, double? Value) point) =>
        new Tag("circle").With("class", "last").With("r", "3").With("cx", ReportText.Number(X(times, point.At))).With("cy", ReportText.Number(y(point.Value!.Value)));

    private static Tag Rule(double y, string look) =>
        new Tag("path").With("class", look).With("d", $"M{ReportText.Number(Left)} {ReportText.Number(y)}H{ReportText.Number(Right)}");

    private static Tag? CutOver(ReportStory story, TimeScale times)
    {
        if (story.Traffic.MovedAt is not { } moved || moved < times.From || moved > times.To)
        {
            return null;
        }

        var x = X(times, moved);
        return new Tag("g", new Tag("path").With("class", "cutover").With("d", $"M{ReportText.Number(x)} {ReportText.Number(Top - 4)}V{ReportText.Number(Bottom)}"), Label("cut-over", x + 4, Top - 5, "start"));
    }

    private static Tag Label(string words, double x, double y, string anchor) =>
        new Tag("text", words).With("x", ReportText.Number(x)).With("y", ReportText.Number(y)).With("text-anchor", anchor);

    private static Tag Legend(MetricLine line, bool isLimitNear) => new Tag(
        "p",
        new Tag("span", "value").With("class", "key line"),
        line.Baseline is { } baseline ? new Tag("span", $"baseline {line.Measured(baseline)}").With("class", "key baseline") : null,
        isLimitNear ? new Tag("span", $"limit {line.Allowed(line.Limit!.Value)}").With("class", "key limit") : null).With("class", "legend");

    private static string Words(ReportStory story, MetricLine line, List<(DateTimeOffset At, double? Value)> points)
    {
        var lowest = points.Min(point => point.Value!.Value);
        var highest = points.Max(point => point.Value!.Value);
        return $"{line.Name} from {story.Words(points[0].At)} to {story.Words(points[^1].At)} UTC: {line.Measured(lowest)} to {line.Measured(highest)} in {ReportText.Count(points.Count, "look")}.";
    }
}

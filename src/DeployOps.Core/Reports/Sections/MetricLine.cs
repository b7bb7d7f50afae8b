using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>One metric over the looks of the watch.</summary>
internal sealed record MetricLine
{
    public required string Name { get; init; }

    public required MetricMeasure Measure { get; init; }

    /// <summary>The value at each look; null where there was none.</summary>
    public required IReadOnlyList<(DateTimeOffset At, double? Value)> Points { get; init; }

    public MetricBaseline? Frozen { get; init; }

    /// <summary>What the last look found; null where there was none.</summary>
    public HealthFinding? Finding { get; init; }

    /// <summary>The plan's absolute limit, or its minimum where it has only that.</summary>
    public double? Limit { get; init; }

    /// <summary>The last value that was measured.</summary>
    public double? Last => Points.LastOrDefault(point => IsFinite(point.Value)).Value;

    public double? Baseline => IsFinite(Frozen?.Value ?? Finding?.Baseline) ? Frozen?.Value ?? Finding?.Baseline : null;

    public string BaselineText => Frozen switch
    {
        null => Baseline is { } value ? Measured(value) : "–",
        { Text.Length: > 0 } => Frozen.Text,
        _ => Frozen.Missing ?? "–",
    };

    internal string Measured(double value) => MetricText.Measured(Measure, value);

    internal string Allowed(double value) => MetricText.Allowed(Measure, value);

    /// <summary>The metrics in the order of the watch, then those that only have a baseline. Pure.</summary>
    internal static IReadOnlyList<MetricLine> Read(ReportStory story)
    {
        var names = story.Looks.SelectMany(look => look.Values).Select(value => value.Metric)
            .Concat(story.Baselines.Select(baseline => baseline.Metric))
            .Distinct(StringComparer.Ordinal);

        return [.. names.Select(name => Read(story, name))];
    }

    private static MetricLine Read(ReportStory story, string name)
    {
        var values = story.Looks.Select(look => (look.Time, Value: look.Values.FirstOrDefault(value => value.Metric == name))).ToList();
        var findings = story.Looks.Select(look => look.Findings.FirstOrDefault(finding => finding.Metric == name)).OfType<HealthFinding>().ToList();
        return new MetricLine
        {
            Name = name,
            Measure = values.Select(look => look.Value).OfType<MetricValue>().FirstOrDefault()?.Measure ?? default,
            Points = [.. values.Select(look => (look.Time, look.Value?.Value))],
            Frozen = story.Baselines.FirstOrDefault(baseline => baseline.Metric == name),
            Finding = findings.LastOrDefault(),
            Limit = findings.LastOrDefault(finding => IsFinite(finding.Limit))?.Limit,
        };
    }

    private static bool IsFinite(double? value) => value is { } number && double.IsFinite(number);
}

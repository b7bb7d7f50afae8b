using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.Health;

/// <summary>Specs and samples as the tests of this folder need them.</summary>
internal static class SomeMetrics
{
    public static MetricSpec Ratio(double? limit = 0.05, double? baselineRatio = null, double margin = 0, double minimumCount = 50) => new()
    {
        Name = "5xx ratio",
        Kind = "Scrape",
        Uri = new Uri("http://127.0.0.1:9/metrics"),
        Measure = MetricMeasure.Ratio,
        Numerator = "requests_total{code=~\"5..\"}",
        Denominator = "requests_total",
        Limit = limit,
        BaselineRatio = baselineRatio,
        Margin = margin,
        MinimumCount = minimumCount,
    };

    public static MetricSpec Quantile(double? limit = null, double? baselineRatio = null, double margin = 0, double quantile = 0.95) => Ratio(limit, baselineRatio, margin) with
    {
        Name = "p95",
        Measure = MetricMeasure.Quantile,
        Numerator = null,
        Denominator = null,
        Histogram = "duration_seconds",
        Quantile = quantile,
    };

    public static MetricSpec Rate(double? minimum = null, double? baselineRatio = null, double margin = 0) => Ratio(null, baselineRatio, margin) with
    {
        Name = "throughput",
        Measure = MetricMeasure.Rate,
        Numerator = null,
        Denominator = null,
        Counter = "requests_total",
        Minimum = minimum,
    };

    public static MetricSample Sample(double seconds, params (string Role, string Key, double Value)[] series) => new()
    {
        Metric = "5xx ratio",
        Time = VirtualTime.Start.AddSeconds(seconds),
        Series = [.. series.Select(one => new SeriesValue(one.Role, one.Key, one.Value))],
    };

    public static MetricSample RatioSample(double seconds, double hits, double all) =>
        Sample(seconds, (SeriesRole.Numerator, "bad", hits), (SeriesRole.Denominator, "bad", hits), (SeriesRole.Denominator, "good", all - hits));

    public static MetricSample Unread(double seconds, string error = "connection refused") =>
        new() { Metric = "5xx ratio", Time = VirtualTime.Start.AddSeconds(seconds), Error = error };

    public static MetricValue RatioValue(double hits, double count, double seconds = 20) => new()
    {
        Metric = "5xx ratio",
        Measure = MetricMeasure.Ratio,
        Value = hits / count,
        Hits = hits,
        Count = count,
        From = VirtualTime.Start,
        To = VirtualTime.Start.AddSeconds(seconds),
    };

    public static MetricValue QuantileValue(double value, double count = 1000, bool isAtLeast = false) =>
        RatioValue(0, count) with { Metric = "p95", Measure = MetricMeasure.Quantile, Value = value, IsAtLeast = isAtLeast };

    public static MetricValue RateValue(double count, double seconds = 20) =>
        RatioValue(0, count, seconds) with { Metric = "throughput", Measure = MetricMeasure.Rate, Value = count / seconds };

    public static MetricBaseline Before(MetricValue value) => MetricBaseline.Of(value);
}

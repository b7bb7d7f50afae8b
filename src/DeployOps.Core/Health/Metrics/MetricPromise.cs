using System.Globalization;

namespace DeployOps.Health.Metrics;

/// <summary>Says of a metric, before it is measured, what would be measured and what is allowed.</summary>
internal static class MetricPromise
{
    /// <summary>In one line: <c>http_requests_total{code=~"5.."} of http_requests_total: at most 5 %, at most 2x the baseline</c>.</summary>
    internal static string Of(MetricSpec metric)
    {
        var allowed = Allowed(metric).ToList();
        return $"{Series(metric)}: {(allowed.Count == 0 ? "anything is allowed" : string.Join(", ", allowed))}";
    }

    private static string Series(MetricSpec metric) => metric.Measure switch
    {
        _ when metric.Query is { } query => $"{query} a second",
        MetricMeasure.Ratio => $"{metric.Numerator} of {metric.Denominator}",
        MetricMeasure.Quantile => string.Create(CultureInfo.InvariantCulture, $"quantile {metric.Quantile:0.####} of {metric.Histogram}"),
        _ => $"{metric.Counter} a second",
    };

    private static IEnumerable<string> Allowed(MetricSpec metric)
    {
        if (metric.Limit is { } limit)
        {
            yield return $"at most {MetricText.Allowed(metric.Measure, limit)}";
        }

        if (metric.Minimum is { } minimum)
        {
            yield return $"at least {MetricText.Allowed(metric.Measure, minimum)}";
        }

        if (metric.BaselineRatio is { } ratio)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"at {(metric.Measure == MetricMeasure.Rate ? "least" : "most")} {ratio:0.###}x the baseline");
        }
    }
}

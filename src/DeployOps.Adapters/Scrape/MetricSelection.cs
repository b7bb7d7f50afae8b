using System.Globalization;
using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Adapters.Scrape;

/// <summary>The series of a page that one metric is made of.</summary>
internal sealed class MetricSelection
{
    private const string BoundLabel = "le";

    private readonly MetricSpec spec;
    private readonly List<(string Role, SeriesSelector Selector)> parts;

    /// <summary>Reads the metric's selectors.</summary>
    /// <exception cref="DeployOpsException"><c>MetricSelectorInvalid</c>.</exception>
    public MetricSelection(MetricSpec spec)
    {
        this.spec = spec;
        parts = spec.Measure switch
        {
            MetricMeasure.Ratio => [Part(SeriesRole.Numerator, spec.Numerator), Part(SeriesRole.Denominator, spec.Denominator)],
            MetricMeasure.Quantile => [Part("", spec.Histogram)],
            _ => [Part(SeriesRole.Counter, spec.Counter)],
        };
    }

    /// <summary>The counters on a page, or why they cannot be counters.</summary>
    public MetricSample Sample(MetricsPage page, DateTimeOffset time)
    {
        foreach (var (_, selector) in parts)
        {
            if (page.TypeOf(selector.Name) is "gauge" or "summary" or "info" or "stateset" or "gaugehistogram")
            {
                return Failed(time, $"{selector.Name} is a {page.TypeOf(selector.Name)}, which does not count");
            }
        }

        var selected = new List<SeriesValue>();
        foreach (var series in page.Series)
        {
            foreach (var (role, selector) in parts)
            {
                if (spec.Measure != MetricMeasure.Quantile)
                {
                    Add(selected, series, role, selector);
                }
                else if (!AddBucket(selected, series, selector))
                {
                    return Failed(time, $"{series.Key} is a bucket without a bound");
                }
            }
        }

        return new MetricSample { Metric = spec.Name, Time = time, Series = selected };
    }

    /// <summary>A sample that is none.</summary>
    public MetricSample Failed(DateTimeOffset time, string error) => new() { Metric = spec.Name, Time = time, Error = error };

    private static void Add(List<SeriesValue> selected, PageSeries series, string role, SeriesSelector selector)
    {
        if (selector.Matches(series.Name, series.Labels))
        {
            selected.Add(new SeriesValue(role, series.Key, series.Value));
        }
    }

    private static bool AddBucket(List<SeriesValue> selected, PageSeries series, SeriesSelector selector)
    {
        if (series.Name != selector.Name + "_bucket" || !selector.Matches(selector.Name, series.Labels))
        {
            return true;
        }

        if (!series.Labels.TryGetValue(BoundLabel, out var text) || Bound(text) is not { } bound)
        {
            return false;
        }

        selected.Add(new SeriesValue(SeriesRole.Bucket(bound), series.Key, series.Value));
        return true;
    }

    private static double? Bound(string text) => text switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) && double.IsFinite(bound) ? bound : null,
    };

    private (string Role, SeriesSelector Selector) Part(string role, string? selector) => selector is null
        ? throw new DeployOpsException(
            "MetricSelectorInvalid",
            FaultKind.InvalidData,
            $"The metric '{spec.Name}' measures a {spec.Measure} and does not say of what.",
            "Give Numerator and Denominator for a Ratio, Histogram for a Quantile, Counter for a Rate.")
        : (role, SeriesSelector.Parse(selector));
}

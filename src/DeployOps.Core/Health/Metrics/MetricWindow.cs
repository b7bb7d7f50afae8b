namespace DeployOps.Health.Metrics;

/// <summary>
/// Adds up the increases of one metric's counters over the samples of a stretch of time. A counter that is smaller than before began again at 0;
/// where a query's number is smaller there is no value, for rows were taken away and what came meanwhile cannot be told.
/// A series that appears later counts from 0, since the page was read before without it. One that is gone and comes back counts from where it was.
/// A sample that could not be read adds nothing; where it is the newest, there is no value.
/// </summary>
public sealed class MetricWindow(MetricSpec spec)
{
    private readonly Dictionary<(string Role, string Key), CounterTrack> tracks = [];
    private DateTimeOffset? from;
    private DateTimeOffset to;
    private int samples;
    private int resets;
    private string? error;
    private string? takenAway;

    /// <summary>The value over these samples, oldest first.</summary>
    public static MetricValue Measure(MetricSpec spec, IEnumerable<MetricSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var window = new MetricWindow(spec);
        foreach (var sample in samples)
        {
            window.Add(sample);
        }

        return window.Value();
    }

    /// <summary>True for a sample from which can be counted on: it was read, and holds nothing that no counter can be.</summary>
    public static bool Counts(MetricSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Series is { } series && Nonsense(series) is null;
    }

    /// <summary>Adds the next sample.</summary>
    public void Add(MetricSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        error = sample.Series is null ? $"could not be read: {sample.Error ?? "no reason was given"}" : Nonsense(sample.Series);
        if (error is not null)
        {
            return;
        }

        var isFirst = samples++ == 0;
        from ??= sample.Time;
        to = sample.Time;
        foreach (var series in sample.Series!)
        {
            tracks[(series.Role, series.Key)] = Follow(series, isFirst);
        }
    }

    /// <summary>The value over the samples added so far.</summary>
    public MetricValue Value()
    {
        var empty = new MetricValue
        {
            Metric = spec.Name,
            Measure = spec.Measure,
            From = from ?? default,
            To = to,
            Resets = resets,
            Vanished = [.. tracks.Where(track => track.Value.SeenIn < samples).Select(track => track.Key.Key).Distinct().Order(StringComparer.Ordinal)],
        };
        var missing = error ?? takenAway ?? (samples < 2 || to <= from ? "not measured yet: it takes two samples" : Absence());
        return missing is not null ? empty with { Missing = missing } : spec.Measure switch
        {
            MetricMeasure.Ratio => Ratio(empty),
            MetricMeasure.Quantile => Quantile(empty),
            _ => Rate(empty),
        };
    }

    private static string? Nonsense(IReadOnlyList<SeriesValue> series)
    {
        foreach (var one in series)
        {
            if (!double.IsFinite(one.Value) || one.Value < 0)
            {
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{one.Key} is {one.Value}, which no counter can be");
            }
        }

        return null;
    }

    private CounterTrack Follow(SeriesValue series, bool isFirst)
    {
        var isKnown = tracks.TryGetValue((series.Role, series.Key), out var track);
        if (!isKnown)
        {
            return new CounterTrack(series.Value, isFirst ? 0 : series.Value, samples);
        }

        var isLess = series.Value < track.Last;
        if (isLess && spec.Query is not null)
        {
            takenAway = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"fell from {track.Last} to {series.Value}: rows were taken away, so what came meanwhile cannot be told");
            return new CounterTrack(series.Value, track.Increase, samples);
        }

        resets += isLess ? 1 : 0;
        return new CounterTrack(series.Value, track.Increase + (isLess ? series.Value : series.Value - track.Last), samples);
    }

    // What everything is counted by must be there now; that nothing counts against it is normal.
    private string? Absence()
    {
        var isThere = false;
        var wasThere = false;
        foreach (var ((role, _), track) in tracks)
        {
            var counts = role != SeriesRole.Numerator;
            wasThere |= counts;
            isThere |= counts && track.SeenIn == samples;
        }

        return isThere ? null : wasThere
            ? $"its counters are gone from the page since {to:HH:mm:ss} UTC"
            : $"no series on the page matches {spec.Denominator ?? spec.Histogram ?? spec.Counter ?? spec.Query}";
    }

    private double Increase(string role) => tracks.Where(track => track.Key.Role == role).Sum(track => track.Value.Increase);

    private MetricValue Ratio(MetricValue empty)
    {
        var all = Increase(SeriesRole.Denominator);
        var hits = Increase(SeriesRole.Numerator);
        return all > 0
            ? empty with { Value = hits / all, Count = all, Hits = hits }
            : empty with { Missing = $"no events in {MetricText.Span(empty.Span)}" };
    }

    private MetricValue Rate(MetricValue empty)
    {
        var increase = Increase(SeriesRole.Counter);
        return empty with { Value = increase / empty.Span.TotalSeconds, Count = increase };
    }

    private MetricValue Quantile(MetricValue empty)
    {
        var buckets = tracks
            .GroupBy(track => SeriesRole.Bound(track.Key.Role))
            .Select(group => new HistogramBucket(group.Key, group.Sum(track => track.Value.Increase)));
        var quantile = HistogramQuantile.Of(spec.Quantile, buckets);
        return quantile.Value is null
            ? empty with { Count = quantile.Count, Missing = quantile.Count > 0 ? quantile.Missing : $"no events in {MetricText.Span(empty.Span)}" }
            : empty with { Value = quantile.Value, Count = quantile.Count, IsAtLeast = quantile.IsAtLeast };
    }

    /// <summary>One counter followed through the samples.</summary>
    /// <param name="Last">Its newest value.</param>
    /// <param name="Increase">What it rose by since the first sample.</param>
    /// <param name="SeenIn">The number of the sample it was last seen in.</param>
    private readonly record struct CounterTrack(double Last, double Increase, int SeenIn);
}

namespace DeployOps.Health.Metrics;

/// <summary>Raw counters of one metric at one moment. Two samples make a value.</summary>
public sealed record MetricSample
{
    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>When it was read, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// The counters by series: the numerator's, denominator's and counter's series under their own names and labels.
    /// Null where the page could not be read; then <see cref="Error"/> says why.
    /// </summary>
    public IReadOnlyList<SeriesValue>? Series { get; init; }

    /// <summary>Why there are no counters.</summary>
    public string? Error { get; init; }
}

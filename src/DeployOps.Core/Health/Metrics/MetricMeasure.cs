namespace DeployOps.Health.Metrics;

/// <summary>How counters become one number.</summary>
public enum MetricMeasure
{
    /// <summary>The increase of one set of counters over the increase of another: an error ratio, 0 to 1.</summary>
    Ratio,

    /// <summary>A quantile of a histogram's increase, in the histogram's unit (seconds by convention).</summary>
    Quantile,

    /// <summary>The increase of counters a second: throughput.</summary>
    Rate,
}

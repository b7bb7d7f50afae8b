using DeployOps.Migrations;

namespace DeployOps.Health.Metrics;

/// <summary>
/// One number that is watched: where it comes from and what is allowed. Every limit reads "allowed up to and including".
/// Series are selected in Prometheus style: <c>name{label="value",code=~"5.."}</c>.
/// </summary>
public sealed record MetricSpec
{
    /// <summary>The name shown in check-ins and reports; unique in the plan.</summary>
    public required string Name { get; init; }

    /// <summary>The source's kind: <c>Scrape</c>, a Prometheus <c>/metrics</c> page, or <c>Sql</c>, a query.</summary>
    public required string Kind { get; init; }

    /// <summary>For <c>Scrape</c>: the page's address.</summary>
    public Uri? Uri { get; init; }

    /// <summary>For <c>Sql</c>: the database that is asked.</summary>
    public DatabaseSpec? Database { get; init; }

    /// <summary>For <c>Sql</c>: a query that answers one number, which grows with the business: how many orders there are. Its growth a second is the value.</summary>
    public string? Query { get; init; }

    /// <summary>How counters become one number.</summary>
    public required MetricMeasure Measure { get; init; }

    /// <summary>For <see cref="MetricMeasure.Ratio"/>: the counters that count against it. Absent beside a present denominator means 0.</summary>
    public string? Numerator { get; init; }

    /// <summary>For <see cref="MetricMeasure.Ratio"/>: the counters of everything.</summary>
    public string? Denominator { get; init; }

    /// <summary>For <see cref="MetricMeasure.Quantile"/>: the histogram's name without <c>_bucket</c>, with a selector or without.</summary>
    public string? Histogram { get; init; }

    /// <summary>For <see cref="MetricMeasure.Quantile"/>: more than 0, less than 1. Default 0.95.</summary>
    public double Quantile { get; init; } = 0.95;

    /// <summary>For <see cref="MetricMeasure.Rate"/>: the counters.</summary>
    public string? Counter { get; init; }

    /// <summary>The largest value allowed, whatever the baseline was; null for none.</summary>
    public double? Limit { get; init; }

    /// <summary>The smallest value allowed, whatever the baseline was; null for none.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest value allowed as a multiple of the baseline (for a rate: the smallest, so below 1); null for no comparison.</summary>
    public double? BaselineRatio { get; init; }

    /// <summary>How far beyond the baseline a value must be, in the metric's own unit, before <see cref="BaselineRatio"/> counts. Default 0.</summary>
    public double Margin { get; init; }

    /// <summary>The fewest events (requests) a look needs to be judged; fewer is Unknown. Default 50.</summary>
    public double MinimumCount { get; init; } = 50;
}

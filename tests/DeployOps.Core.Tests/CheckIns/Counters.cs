using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>Counters of requests that only rise, as a page tells them.</summary>
internal sealed class Counters : IMetricSource
{
    private double all = 100;
    private double bad;

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public bool IsGone { get; set; }

    public TimeSpan Pause { get; set; }

    public void Add(double requests, double failed) => (all, bad) = (all + requests, bad + failed);

    public async Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, cancellationToken);
        return Sample(metrics);
    }

    private List<MetricSample> Sample(IReadOnlyList<MetricSpec> metrics) => [.. metrics.Select(metric => new MetricSample
    {
        Metric = metric.Name,
        Time = Clock.GetUtcNow(),
        Series = IsGone ? null : [new SeriesValue(SeriesRole.Numerator, "bad", bad), new SeriesValue(SeriesRole.Denominator, "all", all)],
        Error = IsGone ? "connection refused" : null,
    })];
}

using DeployOps.Health.Metrics;

namespace DeployOps.Adapters.Metrics;

/// <summary>The sources of all kinds as one: each metric is read by its own, all kinds at the same time.</summary>
internal sealed class MetricSources(IReadOnlyDictionary<string, IMetricSource> kinds) : IMetricSource
{
    public async Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
    {
        var samples = await Task.WhenAll(metrics.GroupBy(metric => metric.Kind).Select(group => kinds[group.Key].SampleAsync([.. group], cancellationToken)));
        var byName = samples.SelectMany(sample => sample).ToDictionary(sample => sample.Metric);
        return [.. metrics.Select(metric => byName[metric.Name])];
    }
}

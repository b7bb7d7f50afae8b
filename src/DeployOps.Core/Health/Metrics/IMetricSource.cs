namespace DeployOps.Health.Metrics;

/// <summary>Where counters come from.</summary>
public interface IMetricSource
{
    /// <summary>Reads the counters of these metrics at one moment, each page once.</summary>
    /// <returns>A sample for every metric; one that could not be read carries its error and no counters.</returns>
    Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken);
}

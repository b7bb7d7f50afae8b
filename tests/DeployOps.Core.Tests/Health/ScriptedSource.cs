using DeployOps.Health;
using DeployOps.Health.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Health;

/// <summary>Answers each metric from a function of the seconds since the test began.</summary>
internal sealed class ScriptedSource(FakeTimeProvider clock, Func<MetricSpec, double, MetricSample> sample) : IMetricSource
{
    public int Calls { get; private set; }

    public Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
    {
        Calls++;
        var seconds = (clock.GetUtcNow() - VirtualTime.Start).TotalSeconds;
        return Task.FromResult<IReadOnlyList<MetricSample>>([.. metrics.Select(metric => sample(metric, seconds) with { Metric = metric.Name })]);
    }
}

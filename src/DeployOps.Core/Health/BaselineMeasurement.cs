using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>Measures what the metrics are before anything changes, for <see cref="MonitoringSpec.Baseline"/>.</summary>
public sealed class BaselineMeasurement(IMetricSource source, TimeProvider timeProvider)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>Measures. A metric that has no value is in the answer too, with the reason.</summary>
    /// <param name="spec">The metrics and how long; a time of 0 measures none.</param>
    /// <param name="reporter">Is told how far it is, about once a second.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<MetricBaseline>> MeasureAsync(MonitoringSpec spec, IStepReporter reporter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(reporter);
        if (spec.Baseline <= TimeSpan.Zero || spec.Metrics.Count == 0)
        {
            return [];
        }

        var windows = spec.Metrics.ToDictionary(metric => metric.Name, metric => new MetricWindow(metric));
        var began = timeProvider.GetTimestamp();
        await SampleAsync(spec, windows, cancellationToken);
        var sampleDue = Earlier(spec.Interval, spec.Baseline);
        while (true)
        {
            var elapsed = timeProvider.GetElapsedTime(began);
            if (elapsed < sampleDue)
            {
                reporter.Progress("Baseline", Status(spec, elapsed), Percent(elapsed, spec.Baseline));
                await Task.Delay(Earlier(ProgressInterval, sampleDue - elapsed), timeProvider, cancellationToken);
                continue;
            }

            await SampleAsync(spec, windows, cancellationToken);
            if (sampleDue == spec.Baseline)
            {
                break;
            }

            sampleDue = Earlier(spec.Interval * (Math.Floor(timeProvider.GetElapsedTime(began) / spec.Interval) + 1), spec.Baseline);
        }

        return [.. spec.Metrics.Select(metric => MetricBaseline.Of(windows[metric.Name].Value()))];
    }

    private static string Status(MonitoringSpec spec, TimeSpan elapsed) =>
        $"{spec.Metrics.Count} metric{(spec.Metrics.Count == 1 ? "" : "s")}, {MetricText.Span(elapsed)} of {MetricText.Span(spec.Baseline)}";

    private static int Percent(TimeSpan elapsed, TimeSpan whole) => Math.Clamp((int)(100 * (elapsed / whole)), 0, 100);

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task SampleAsync(MonitoringSpec spec, Dictionary<string, MetricWindow> windows, CancellationToken cancellationToken)
    {
        foreach (var sample in await source.SampleAsync(spec.Metrics, cancellationToken))
        {
            windows[sample.Metric].Add(sample);
        }
    }
}

using DeployOps.Health;
using DeployOps.Health.Metrics;
using static DeployOps.Core.Tests.Health.SomeMetrics;

namespace DeployOps.Core.Tests.Health;

public class BaselineMeasurementTests
{
    private static readonly MonitoringSpec Spec = new()
    {
        Baseline = TimeSpan.FromSeconds(10),
        Interval = TimeSpan.FromSeconds(4),
        Metrics = [Ratio(), Rate(minimum: 1)],
    };

    [Fact]
    public void It_measures_every_metric_over_its_time()
    {
        var (baselines, clock) = Measure(Spec, (metric, seconds) => metric.Measure == MetricMeasure.Rate
            ? Sample(seconds, (SeriesRole.Counter, "a", 20 * seconds))
            : RatioSample(seconds, seconds, 20 * seconds));

        baselines.Select(baseline => baseline.Text).ShouldBe(["5.00 % of 200 in 10 s", "20/s: 200 in 10 s"]);
        (clock - VirtualTime.Start).ShouldBe(TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void A_restart_in_between_is_survived()
    {
        var (baselines, _) = Measure(Spec with { Metrics = [Ratio()] }, (_, seconds) => RatioSample(seconds, 0, seconds < 6 ? 1000 + seconds : seconds));

        baselines[0].Count.ShouldBe(4 + 8 + 2);
    }

    [Fact]
    public void What_could_not_be_measured_says_why()
    {
        var (baselines, _) = Measure(Spec with { Metrics = [Ratio()] }, (_, seconds) => Unread(seconds));

        baselines[0].Value.ShouldBeNull();
        baselines[0].Missing.ShouldBe("could not be read: connection refused");
    }

    [Fact]
    public void No_time_measures_none()
    {
        var (baselines, _) = Measure(Spec with { Baseline = TimeSpan.Zero }, (_, _) => throw new InvalidOperationException());

        baselines.ShouldBeEmpty();
    }

    [Fact]
    public void It_tells_how_far_it_is()
    {
        var reporter = new ProgressList();

        Measure(Spec, (_, seconds) => RatioSample(seconds, 0, seconds), reporter);

        reporter.Percents.ShouldBe([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    }

    private static (IReadOnlyList<MetricBaseline> Baselines, DateTimeOffset End) Measure(
        MonitoringSpec spec, Func<MetricSpec, double, MetricSample> sample, IStepReporter? reporter = null)
    {
        var clock = VirtualTime.Clock();
        var measurement = new BaselineMeasurement(new ScriptedSource(clock, sample), clock);
        return (VirtualTime.Run(clock, () => measurement.MeasureAsync(spec, reporter ?? new SilentReporter(), CancellationToken.None)), clock.GetUtcNow());
    }

    private sealed class ProgressList : IStepReporter
    {
        public List<int?> Percents { get; } = [];

        public void Progress(string activity, string status, int? percent = null) => Percents.Add(percent);

        public void Warn(string message) => throw new InvalidOperationException(message);

        public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => throw new InvalidOperationException(question);

        public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => throw new InvalidOperationException(question);

        public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => throw new InvalidOperationException(question);
    }
}

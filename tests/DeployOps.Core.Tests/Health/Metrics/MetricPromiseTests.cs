using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public sealed class MetricPromiseTests
{
    private static readonly MetricSpec Metric = new() { Name = "one", Kind = "Scrape", Uri = new Uri("http://127.0.0.1:9/"), Measure = MetricMeasure.Ratio, Numerator = "bad", Denominator = "all" };

    [Fact]
    public void It_says_what_is_measured_and_every_limit() =>
        MetricPromise.Of(Metric with { Limit = 0.05, Minimum = 0.01, BaselineRatio = 2 }).ShouldBe("bad of all: at most 5 %, at least 1 %, at most 2x the baseline");

    [Fact]
    public void A_quantile_is_named_with_its_histogram() =>
        MetricPromise.Of(Metric with { Measure = MetricMeasure.Quantile, Histogram = "duration_seconds", Quantile = 0.95, Limit = 0.5 }).ShouldBe("quantile 0.95 of duration_seconds: at most 0.5 s");

    [Fact]
    public void A_rate_is_compared_with_the_baseline_downwards() =>
        MetricPromise.Of(Metric with { Measure = MetricMeasure.Rate, Counter = "requests_total", BaselineRatio = 0.5 }).ShouldBe("requests_total a second: at least 0.5x the baseline");

    [Fact]
    public void Where_nothing_is_limited_it_says_so() => MetricPromise.Of(Metric).ShouldBe("bad of all: anything is allowed");
}

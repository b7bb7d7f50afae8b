using System.Collections.Concurrent;
using DeployOps.Adapters.Scrape;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.Scrape;

public class ScrapeSourceTests
{
    private const string Shop = """
        # TYPE requests_total counter
        requests_total{code="200",path="/"} 90
        requests_total{code="200",path="/healthz"} 1000
        requests_total{code="500",path="/"} 10
        # TYPE duration_seconds histogram
        duration_seconds_bucket{path="/",le="0.10"} 80
        duration_seconds_bucket{path="/",le="+Inf"} 100
        duration_seconds_sum{path="/"} 12
        duration_seconds_count{path="/"} 100
        # TYPE temperature gauge
        temperature 20
        """;

    [Fact]
    public async Task It_selects_the_counters_of_each_metric()
    {
        using var server = LoopbackListener.Of(_ => (200, Shop));

        var samples = await SampleAsync(
            Metric(server, "errors", MetricMeasure.Ratio) with { Numerator = "requests_total{code=~\"5..\"}", Denominator = "requests_total{path!=\"/healthz\"}" },
            Metric(server, "p95", MetricMeasure.Quantile) with { Histogram = "duration_seconds{path=\"/\"}" },
            Metric(server, "throughput", MetricMeasure.Rate) with { Counter = "requests_total{path=\"/\"}" });

        samples.Select(sample => sample.Metric).ShouldBe(["errors", "p95", "throughput"]);
        samples[0].Series!.Select(series => (series.Role, series.Value)).ShouldBe([("denominator", 90), ("numerator", 10), ("denominator", 10)]);
        samples[1].Series!.Select(series => (series.Role, series.Value)).ShouldBe([("le=0.1", 80), ("le=+Inf", 100)]);
        samples[2].Series!.Sum(series => series.Value).ShouldBe(100);
    }

    [Fact]
    public async Task Each_page_is_fetched_once_a_call()
    {
        var asked = new ConcurrentBag<string>();
        using var server = LoopbackListener.Of(path =>
        {
            asked.Add(path);
            return (200, Shop);
        });
        var rate = Metric(server, "a", MetricMeasure.Rate) with { Counter = "requests_total" };

        await SampleAsync(rate, rate with { Name = "b" }, rate with { Name = "c", Uri = new Uri(rate.Uri!, "/other") });

        asked.Order().ShouldBe(["/metrics", "/other"]);
    }

    [Theory]
    [InlineData(500, Shop, "status 500")]
    [InlineData(301, Shop, "status 301")]
    [InlineData(200, "<html>", "wrong at line 1")]
    public async Task A_page_that_cannot_be_used_is_an_error_and_never_zero(int status, string body, string error)
    {
        using var server = LoopbackListener.Of(path => path == "/good" ? (200, Shop) : (status, body));
        var rate = Metric(server, "a", MetricMeasure.Rate) with { Counter = "requests_total" };

        var samples = await SampleAsync(rate, rate with { Name = "b", Uri = new Uri(rate.Uri!, "/good") });

        samples[0].Series.ShouldBeNull();
        samples[0].Error!.ShouldContain(error);
        samples[1].Series!.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_is_down_is_an_error_in_words()
    {
        var server = LoopbackListener.Of(_ => (200, Shop));
        server.Dispose();

        var samples = await SampleAsync(Metric(server, "a", MetricMeasure.Rate) with { Counter = "requests_total" });

        samples[0].Series.ShouldBeNull();
        samples[0].Error.ShouldBe($"{server.Uri}metrics: connection refused");
    }

    [Fact]
    public async Task A_page_without_the_series_has_been_read()
    {
        using var server = LoopbackListener.Of(_ => (200, "other 1"));

        var samples = await SampleAsync(Metric(server, "a", MetricMeasure.Rate) with { Counter = "requests_total" });

        samples[0].Series.ShouldBeEmpty();
        samples[0].Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_gauge_is_not_counted()
    {
        using var server = LoopbackListener.Of(_ => (200, Shop));

        var samples = await SampleAsync(Metric(server, "a", MetricMeasure.Rate) with { Counter = "temperature" });

        samples[0].Error.ShouldBe("temperature is a gauge, which does not count");
    }

    [Fact]
    public async Task A_bucket_without_a_bound_is_an_error()
    {
        using var server = LoopbackListener.Of(_ => (200, "duration_seconds_bucket{le=\"wide\"} 1"));

        var samples = await SampleAsync(Metric(server, "a", MetricMeasure.Quantile) with { Histogram = "duration_seconds" });

        samples[0].Error!.ShouldContain("is a bucket without a bound");
    }

    [Fact]
    public async Task A_metric_that_does_not_say_of_what_is_refused()
    {
        using var server = LoopbackListener.Of(_ => (200, Shop));

        var error = await Should.ThrowAsync<DeployOpsException>(() => SampleAsync(Metric(server, "a", MetricMeasure.Ratio) with { Denominator = "requests_total" }));

        error.ErrorId.ShouldBe("MetricSelectorInvalid");
    }

    private static MetricSpec Metric(LoopbackListener server, string name, MetricMeasure measure) =>
        new() { Name = name, Kind = "Scrape", Uri = new Uri(server.Uri, "/metrics"), Measure = measure };

    private static async Task<IReadOnlyList<MetricSample>> SampleAsync(params MetricSpec[] metrics)
    {
        using var asker = new HttpAsker(TimeProvider.System);
        return await new ScrapeSource(asker, TimeProvider.System).SampleAsync(metrics, CancellationToken.None);
    }
}

using DeployOps.Health;
using DeployOps.Health.Metrics;
using static DeployOps.Core.Tests.Health.SomeMetrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public class MetricWindowTests
{
    [Fact]
    public void A_ratio_is_increase_over_increase()
    {
        var value = MetricWindow.Measure(Ratio(), [RatioSample(0, 100, 10_000), RatioSample(20, 141, 12_250)]);

        value.Value!.Value.ShouldBe(41 / 2250.0, 1e-12);
        (value.Hits, value.Count).ShouldBe((41, 2250));
        value.Text.ShouldBe("1.82 % of 2,250 in 20 s");
    }

    [Fact]
    public void A_counter_that_began_again_counts_from_zero()
    {
        var value = MetricWindow.Measure(Rate(), [Count(0, 1000), Count(10, 1100), Count(20, 30), Count(30, 50)]);

        value.Count.ShouldBe(100 + 30 + 20);
        value.Resets.ShouldBe(1);
        value.Value.ShouldBe(5);
        value.Text.ShouldBe("5/s: 150 in 30 s (counters began again)");
    }

    [Fact]
    public void Over_a_query_whose_number_fell_there_is_no_value_since_nobody_began_to_count_again()
    {
        var orders = Rate() with { Kind = "Sql", Query = "SELECT count(*) FROM orders" };

        var value = MetricWindow.Measure(orders, [Count(0, 1000), Count(10, 1100), Count(20, 30), Count(30, 50)]);

        value.Value.ShouldBeNull("a purge is no fall of business");
        value.Missing.ShouldBe("fell from 1100 to 30: rows were taken away, so what came meanwhile cannot be told");
        value.Resets.ShouldBe(0);
    }

    [Fact]
    public void A_series_that_appears_later_counts_from_zero()
    {
        var value = MetricWindow.Measure(Rate(), [Count(0, 1000), Sample(10, (SeriesRole.Counter, "a", 1010), (SeriesRole.Counter, "b", 7))]);

        value.Count.ShouldBe(17);
    }

    [Fact]
    public void A_series_on_the_first_page_that_was_read_counts_from_where_it_was()
    {
        var value = MetricWindow.Measure(Rate(), [Unread(0), Count(10, 1000), Count(20, 1010)]);

        value.Count.ShouldBe(10);
        value.Span.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_series_that_comes_back_counts_from_where_it_was_and_not_twice()
    {
        var other = (SeriesRole.Counter, "b", 5.0);

        var value = MetricWindow.Measure(Rate(), [Sample(0, (SeriesRole.Counter, "a", 1000), other), Sample(10, other), Sample(20, (SeriesRole.Counter, "a", 1010), other)]);

        value.Count.ShouldBe(10);
        value.Vanished.ShouldBeEmpty();
    }

    [Fact]
    public void Series_that_are_gone_are_named()
    {
        var value = MetricWindow.Measure(Rate(), [Sample(0, (SeriesRole.Counter, "a", 1), (SeriesRole.Counter, "b", 1)), Sample(10, (SeriesRole.Counter, "a", 60))]);

        value.Vanished.ShouldBe(["b"]);
        value.Text.ShouldBe("5.9/s: 59 in 10 s (1 series gone)");
    }

    [Fact]
    public void A_page_that_could_not_be_read_in_between_changes_nothing()
    {
        var value = MetricWindow.Measure(Ratio(), [RatioSample(0, 0, 0), Unread(10), RatioSample(20, 5, 100)]);

        value.Value.ShouldBe(0.05);
        value.Span.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void No_errors_beside_requests_are_zero_errors()
    {
        var value = MetricWindow.Measure(Ratio(), [Good(0, 100), Good(20, 400)]);

        value.Value.ShouldBe(0);
        value.Count.ShouldBe(300);
    }

    [Fact]
    public void No_requests_are_no_evidence()
    {
        var value = MetricWindow.Measure(Ratio(), [Good(0, 100), Good(20, 100)]);

        value.Value.ShouldBeNull();
        value.Missing.ShouldBe("no events in 20 s");
    }

    [Fact]
    public void Errors_without_requests_are_no_evidence()
    {
        var value = MetricWindow.Measure(Ratio(), [Sample(0, (SeriesRole.Numerator, "bad", 1)), Sample(20, (SeriesRole.Numerator, "bad", 5))]);

        value.Missing.ShouldBe("no series on the page matches requests_total");
    }

    [Fact]
    public void Counters_that_are_gone_are_no_evidence_and_told_apart_from_never_there()
    {
        var value = MetricWindow.Measure(Ratio(), [Good(0, 100), Good(10, 200), Sample(20)]);

        value.Missing.ShouldBe("its counters are gone from the page since 12:00:20 UTC");
        MetricWindow.Measure(Ratio(), [Sample(0), Sample(20)]).Missing.ShouldBe("no series on the page matches requests_total");
    }

    [Fact]
    public void A_newest_page_that_could_not_be_read_is_no_evidence()
    {
        var value = MetricWindow.Measure(Ratio(), [Good(0, 100), Good(10, 200), Unread(20)]);

        value.Value.ShouldBeNull();
        value.Missing.ShouldBe("could not be read: connection refused");
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void What_no_counter_can_be_is_no_evidence(double wrong)
    {
        var value = MetricWindow.Measure(Ratio(), [Good(0, 100), Good(20, wrong)]);

        value.Value.ShouldBeNull();
        value.Missing!.ShouldContain("which no counter can be");
    }

    [Fact]
    public void One_sample_makes_no_value()
    {
        MetricWindow.Measure(Ratio(), [Good(0, 100)]).Missing!.ShouldContain("two samples");
        MetricWindow.Measure(Ratio(), []).Value.ShouldBeNull();
    }

    [Fact]
    public void A_throughput_of_nothing_is_zero_and_not_missing()
    {
        MetricWindow.Measure(Rate(), [Count(0, 100), Count(20, 100)]).Value.ShouldBe(0);
    }

    [Fact]
    public void A_histogram_is_added_up_over_its_series()
    {
        var value = MetricWindow.Measure(Quantile(quantile: 0.5), [
            Sample(0, ("le=0.1", "a1", 10), ("le=1", "a2", 10), ("le=+Inf", "a3", 10), ("le=0.1", "b1", 0), ("le=1", "b2", 0), ("le=+Inf", "b3", 0)),
            Sample(20, ("le=0.1", "a1", 10), ("le=1", "a2", 50), ("le=+Inf", "a3", 50), ("le=0.1", "b1", 60), ("le=1", "b2", 60), ("le=+Inf", "b3", 60)),
        ]);

        value.Count.ShouldBe(100);
        value.Value!.Value.ShouldBe(0.1 * 50 / 60, 1e-12);
    }

    private static MetricSample Count(double seconds, double count) => Sample(seconds, (SeriesRole.Counter, "a", count));

    private static MetricSample Good(double seconds, double count) => Sample(seconds, (SeriesRole.Denominator, "good", count));
}

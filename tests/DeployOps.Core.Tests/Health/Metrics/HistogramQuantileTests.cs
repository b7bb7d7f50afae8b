using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public class HistogramQuantileTests
{
    private const double Inf = double.PositiveInfinity;

    // Reckoned by hand: rank = q x count; start + (end - start) x (rank - before) / (upTo - before).
    [Theory]
    [InlineData(0.5, 0.1 + (0.4 * 30 / 60), false)]      // rank 50 in (0.1, 0.5]: 20 before, 80 up to
    [InlineData(0.2, 0.1, false)]                        // rank 20 exactly at the first bound
    [InlineData(0.1, 0.05, false)]                       // rank 10 in (0, 0.1]
    [InlineData(0.9, 0.5 + (0.5 * 10 / 15), false)]      // rank 90 in (0.5, 1]: 80 before, 95 up to
    [InlineData(0.95, 1, false)]                         // rank 95 exactly at the last finite bound: not beyond it
    [InlineData(0.96, 1, true)]                          // rank 96 beyond it
    public void It_interpolates_within_the_bucket_that_holds_the_rank(double quantile, double expected, bool isAtLeast)
    {
        HistogramBucket[] buckets = [new(Inf, 100), new(0.1, 20), new(1, 95), new(0.5, 80)];

        var result = HistogramQuantile.Of(quantile, buckets);

        result.Value!.Value.ShouldBe(expected, 1e-9);
        result.IsAtLeast.ShouldBe(isAtLeast);
        result.Count.ShouldBe(100);
    }

    [Fact]
    public void Empty_buckets_are_passed_over()
    {
        HistogramQuantile.Of(0.5, [new(1, 0), new(2, 0), new(4, 10), new(8, 10), new(Inf, 10)]).Value.ShouldBe(3);
    }

    [Fact]
    public void A_first_bound_that_is_not_positive_is_the_answer_itself()
    {
        HistogramQuantile.Of(0.5, [new(-1, 10), new(1, 10), new(Inf, 10)]).Value.ShouldBe(-1);
    }

    [Fact]
    public void A_bucket_that_lags_behind_a_smaller_one_is_raised_to_it()
    {
        HistogramQuantile.Of(0.9, [new(1, 10), new(2, 9), new(Inf, 10)]).Value.ShouldBe(0.9);
    }

    [Fact]
    public void Without_events_there_is_none()
    {
        HistogramQuantile.Of(0.5, [new(1, 0), new(Inf, 0)]).Value.ShouldBeNull();
    }

    [Fact]
    public void Without_the_bucket_of_everything_there_is_none()
    {
        HistogramQuantile.Of(0.5, [new(1, 5), new(2, 10)]).Missing!.ShouldContain("+Inf");
        HistogramQuantile.Of(0.5, [new(Inf, 10)]).Missing!.ShouldContain("+Inf");
        HistogramQuantile.Of(0.5, []).Value.ShouldBeNull();
    }
}

using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using Microsoft.Extensions.Time.Testing;
using static DeployOps.Core.Tests.Health.SomeMetrics;

namespace DeployOps.Core.Tests.Health;

public class HealthWatchTests
{
    private static readonly MonitoringSpec Short = new()
    {
        Duration = TimeSpan.FromSeconds(20),
        Interval = TimeSpan.FromSeconds(2),
        Looks = 2,
        Metrics = [Ratio(limit: 0.05, baselineRatio: 2, margin: 0.01)],
    };

    [Fact]
    public void A_healthy_system_is_watched_to_the_end()
    {
        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 0, 20 * seconds));

        looks.Count.ShouldBe(10);
        looks.Select(look => look.Elapsed.TotalSeconds).ShouldBe([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
        looks.SkipLast(1).ShouldAllBe(look => look.Conclusion == null);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Healthy);
        looks[^1].Summary.ShouldBe("all 1 within their limits; 5xx ratio: 0.00 % of 120 in 6 s; limit 5 %; no baseline, so judged by the limit alone");
    }

    [Fact]
    public void A_page_that_could_not_be_read_for_long_leaves_nothing_concluded_however_well_it_looks_at_the_end()
    {
        var looks = Watch(Short, (_, seconds) => seconds is > 2 and < 16 ? new MetricSample { Metric = "5xx ratio", Time = RatioSample(seconds, 0, 0).Time, Error = "timed out" } : RatioSample(seconds, 0, 20 * seconds));

        looks[^1].Verdict.ShouldBe(HealthVerdict.Healthy);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Inconclusive);
        looks[^1].Summary.ShouldEndWith("; too little was seen: 5xx ratio could not be asked in 6 of 10 looks");
    }

    [Fact]
    public void Forty_requests_are_too_few_and_eighty_are_enough()
    {
        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 0, 20 * seconds));

        looks[0].Verdict.ShouldBe(HealthVerdict.Inconclusive);
        looks[1].Verdict.ShouldBe(HealthVerdict.Healthy);
    }

    [Fact]
    public void A_fifth_that_fails_from_ten_seconds_on_is_found_within_twenty()
    {
        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 4 * Math.Max(0, seconds - 10), 20 * seconds));

        looks[^1].Conclusion.ShouldBe(HealthVerdict.Rollback);
        looks[^1].Elapsed.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(14));
        looks[^1].Findings[0].Looks.ShouldBe(2);
        looks[^1].Summary.ShouldContain("(2 of 2 looks)");
        looks[^2].Verdict.ShouldBe(HealthVerdict.Degraded);
    }

    [Fact]
    public void A_fifth_that_fails_by_chance_is_found_within_twenty_seconds_by_nearly_every_watch()
    {
        var found = Enumerable.Range(0, 200).Count(seed =>
        {
            var random = new Random(seed);
            var (hits, at) = (0, 0.0);
            var looks = Watch(Short, (_, seconds) =>
            {
                hits += Binomial(random, (int)(20 * (seconds - Math.Max(10, at))), 0.2);
                at = seconds;
                return RatioSample(seconds, hits, 20 * seconds);
            });
            return looks[^1].Conclusion == HealthVerdict.Rollback;
        });

        found.ShouldBeGreaterThanOrEqualTo(198);
    }

    // The sample shop's traffic: of twenty requests a second two are checkouts.
    [Theory]
    [InlineData(60, 50, 1.0, 199, 200)]
    [InlineData(60, 50, 2.0, 0, 1)]
    [InlineData(2, 2, 1.0, 199, 200)]
    [InlineData(2, 2, 2.0, 0, 1)]
    public void A_fall_of_checkouts_by_half_at_twenty_requests_a_second_is_found_and_nothing_else_is(int interval, int minimumCount, double ordersASecond, int least, int most)
    {
        var orders = Rate(baselineRatio: 0.75) with { Kind = "Sql", Query = "SELECT count(*) FROM orders", MinimumCount = minimumCount };
        var spec = Minutes() with { Metrics = [orders], Interval = TimeSpan.FromSeconds(interval) };
        var before = Before(RateValue(1200, 600));

        var found = Enumerable.Range(0, 200).Count(seed =>
        {
            var random = new Random(seed);
            var (placed, at) = (0, 0.0);
            var looks = Watch(
                spec,
                (_, seconds) =>
                {
                    placed += Binomial(random, (int)Math.Round(20 * (seconds - at)), ordersASecond / 20);
                    at = seconds;
                    return Sample(seconds, (SeriesRole.Counter, "orders", placed)) with { Metric = "throughput" };
                },
                baseline: before);
            return looks[^1].Conclusion == HealthVerdict.Rollback;
        });

        found.ShouldBeInRange(least, most);
    }

    [Fact]
    public void One_bad_interval_does_not_roll_back()
    {
        var minutes = Minutes();

        var looks = Watch(minutes, (_, seconds) => RatioSample(seconds, seconds >= 600 ? 600 : 0, 20 * seconds));

        looks[9].Verdict.ShouldBe(HealthVerdict.Degraded);
        looks[10].Findings[0].Detail.ShouldContain("recovering: 0.00 % of 1,200");
        looks[10].Findings[0].Verdict.ShouldBe(GateVerdict.Unknown);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Healthy);
    }

    [Fact]
    public void Two_bad_intervals_in_a_row_roll_back()
    {
        var looks = Watch(Minutes(), (_, seconds) => RatioSample(seconds, seconds >= 660 ? 1200 : seconds >= 600 ? 600 : 0, 20 * seconds));

        looks[^1].Number.ShouldBe(11);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Rollback);
    }

    [Fact]
    public void A_quiet_system_is_judged_by_a_longer_stretch()
    {
        var looks = Watch(Minutes(), (_, seconds) => RatioSample(seconds, 0, Math.Floor(seconds / 10)));

        looks[7].Verdict.ShouldBe(HealthVerdict.Inconclusive);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Healthy);
        looks[^1].Values[0].Count.ShouldBeGreaterThanOrEqualTo(50);
    }

    [Fact]
    public void Without_traffic_the_watch_ends_inconclusive()
    {
        Watch(Short, (_, seconds) => RatioSample(seconds, 0, 100))[^1].Conclusion.ShouldBe(HealthVerdict.Inconclusive);
    }

    [Fact]
    public void A_page_that_is_gone_ends_inconclusive_and_never_healthy()
    {
        var looks = Watch(Short, (_, seconds) => seconds < 15 ? RatioSample(seconds, 0, 20 * seconds) : Unread(seconds));

        looks[6].Verdict.ShouldBe(HealthVerdict.Healthy);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Inconclusive);
        looks[^1].Summary.ShouldContain("connection refused");
    }

    [Fact]
    public void A_release_that_restarts_its_counters_is_watched_on()
    {
        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 0, 20 * (seconds < 9 ? seconds : seconds - 9)));

        looks[^1].Conclusion.ShouldBe(HealthVerdict.Healthy);
    }

    [Fact]
    public void Checks_count_like_metrics()
    {
        var asked = 0;

        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 0, 20 * seconds), _ =>
            Task.FromResult<IReadOnlyList<GateResult>>([++asked < 5 ? GateResult.Pass("health of green-1", "200") : GateResult.Fail("health of green-1", "connection refused")]));

        looks.Count.ShouldBe(6);
        looks[^1].Conclusion.ShouldBe(HealthVerdict.Rollback);
        looks[^1].Summary.ShouldBe("health of green-1: connection refused (2 of 2 looks)");
    }

    [Fact]
    public void Nothing_to_watch_is_inconclusive()
    {
        var looks = Watch(Short with { Metrics = [] }, (_, _) => throw new InvalidOperationException());

        looks[^1].Conclusion.ShouldBe(HealthVerdict.Inconclusive);
        looks[^1].Summary.ShouldBe("nothing is watched");
    }

    [Fact]
    public void The_last_look_is_at_the_end_where_the_time_is_no_multiple_of_the_interval()
    {
        var looks = Watch(Short with { Duration = TimeSpan.FromSeconds(5) }, (_, seconds) => RatioSample(seconds, 0, 20 * seconds));

        looks.Select(look => look.Elapsed.TotalSeconds).ShouldBe([2, 4, 5]);
    }

    [Fact]
    public void An_unchanged_error_ratio_hardly_ever_rolls_back()
    {
        var spec = Minutes() with { Duration = TimeSpan.FromHours(1), Metrics = [Ratio(limit: 0.05, baselineRatio: 2, margin: 0.005)] };
        var tripped = Enumerable.Range(0, 300).Count(seed =>
        {
            var random = new Random(seed);
            var hits = 0;
            var baseline = MetricBaseline.Of(RatioValue(Binomial(random, 1200, 0.01), 1200, 600));
            var looks = Watch(spec, (_, seconds) => RatioSample(seconds, hits += Binomial(random, seconds > 0 ? 120 : 0, 0.01), 2 * seconds), baseline: baseline);
            return looks[^1].Conclusion == HealthVerdict.Rollback;
        });

        tripped.ShouldBeLessThan(3);
    }

    [Fact]
    public void Five_times_the_error_ratio_is_found()
    {
        var spec = Minutes() with { Duration = TimeSpan.FromHours(1), Metrics = [Ratio(limit: 0.2, baselineRatio: 2, margin: 0.005)] };
        var baseline = MetricBaseline.Of(RatioValue(12, 1200, 600));
        var found = Enumerable.Range(0, 100).Count(seed =>
        {
            var random = new Random(seed);
            var hits = 0;
            var looks = Watch(spec, (_, seconds) => RatioSample(seconds, hits += Binomial(random, seconds > 0 ? 120 : 0, 0.05), 2 * seconds), baseline: baseline);
            return looks[^1].Conclusion == HealthVerdict.Rollback;
        });

        found.ShouldBeGreaterThanOrEqualTo(99);
    }

    [Fact]
    public void A_watch_that_is_stopped_ends_without_a_conclusion()
    {
        var clock = VirtualTime.Clock();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
        var watch = new HealthWatch(Short, new ScriptedSource(clock, (_, seconds) => RatioSample(seconds, 0, 20 * seconds)), [], clock);
        var looks = new List<HealthLook>();

        Should.Throw<OperationCanceledException>(() => VirtualTime.Run(clock, async () =>
        {
            await foreach (var look in watch.RunAsync(stop.Token))
            {
                looks.Add(look);
            }

            return true;
        }));

        looks.Count.ShouldBe(2);
    }

    private static MonitoringSpec Minutes() => Short with { Duration = TimeSpan.FromMinutes(20), Interval = TimeSpan.FromMinutes(1) };

    [Fact]
    public void Timers_that_fire_early_make_no_look_more()
    {
        var clock = new EarlyTime(VirtualTime.Start);

        var looks = Watch(Short, (_, seconds) => RatioSample(seconds, 0, 20 * seconds), clock: clock);

        looks.Count.ShouldBe(10);
        clock.EarlyTimers.ShouldBe(10);
    }

    private static List<HealthLook> Watch(
        MonitoringSpec spec,
        Func<MetricSpec, double, MetricSample> sample,
        Func<CancellationToken, Task<IReadOnlyList<GateResult>>>? checks = null,
        MetricBaseline? baseline = null,
        FakeTimeProvider? clock = null)
    {
        clock ??= VirtualTime.Clock();
        var watch = new HealthWatch(spec, new ScriptedSource(clock, sample), baseline is null ? [] : [baseline], clock, checks);
        return VirtualTime.Run(clock, spec.Interval / 10, async () =>
        {
            var looks = new List<HealthLook>();
            await foreach (var look in watch.RunAsync(CancellationToken.None))
            {
                looks.Add(look);
            }

            return looks;
        });
    }

    private static int Binomial(Random random, int trials, double probability)
    {
        var hits = 0;
        for (var i = 0; i < trials; i++)
        {
            hits += random.NextDouble() < probability ? 1 : 0;
        }

        return hits;
    }
}

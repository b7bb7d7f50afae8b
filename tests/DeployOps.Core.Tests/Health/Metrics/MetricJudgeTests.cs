using System.Text.Json;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using static DeployOps.Core.Tests.Health.SomeMetrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public class MetricJudgeTests
{
    [Theory]
    [InlineData(50, GateVerdict.Pass)]
    [InlineData(51, GateVerdict.Fail)]
    public void A_limit_is_allowed_up_to_and_including(double hits, GateVerdict expected)
    {
        MetricJudge.Judge(Ratio(limit: 0.05), RatioValue(hits, 1000), null).Verdict.ShouldBe(expected);
    }

    [Theory]
    [InlineData(200, GateVerdict.Pass)]
    [InlineData(199, GateVerdict.Fail)]
    public void A_minimum_is_allowed_down_to_and_including(double count, GateVerdict expected)
    {
        MetricJudge.Judge(Rate(minimum: 10), RateValue(count, 20), null).Verdict.ShouldBe(expected);
    }

    [Theory]
    [InlineData(40, 0, GateVerdict.Pass)]       // exactly 2 x 1 %
    [InlineData(41, 0, GateVerdict.Fail)]
    [InlineData(60, 0.02, GateVerdict.Pass)]    // beyond 2 x, exactly at the margin of 2 points
    [InlineData(61, 0.02, GateVerdict.Fail)]
    public void The_baseline_is_allowed_up_to_ratio_and_margin_including(double hits, double margin, GateVerdict expected)
    {
        var baseline = Before(RatioValue(1000, 100_000));

        MetricJudge.Judge(Ratio(null, baselineRatio: 2, margin), RatioValue(hits, 2000), baseline).Verdict.ShouldBe(expected);
    }

    [Fact]
    public void What_is_equal_on_paper_is_allowed_though_its_last_digits_differ()
    {
        var baseline = Before(RatioValue(70_000, 100_000));

        (0.7 + 0.1).ShouldBeLessThan(0.8);
        MetricJudge.Judge(Ratio(null, baselineRatio: 1, margin: 0.1), RatioValue(8000, 10_000), baseline).Verdict.ShouldBe(GateVerdict.Pass);
        MetricJudge.Judge(Ratio(null, baselineRatio: 1, margin: 0.1), RatioValue(8001, 10_000), baseline).Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void The_line_says_the_numbers_that_decided()
    {
        var baseline = Before(RatioValue(27, 27_000, 600));
        var spec = Ratio(limit: 0.05, baselineRatio: 2, margin: 0.01);

        MetricJudge.Judge(spec, RatioValue(14, 2250), baseline).Detail
            .ShouldBe("0.62 % of 2,250 in 20 s; limit 5 %; baseline 0.10 % of 27,000 (allowed 2x and +1 percentage point)");
        MetricJudge.Judge(spec, RatioValue(45, 2250), baseline).Detail
            .ShouldBe("2.00 % of 2,250 in 20 s; limit 5 %; baseline 0.10 % of 27,000 (allowed 2x and +1 percentage point) exceeded, luck less than 1 in 10^9");
        MetricJudge.Judge(spec, RatioValue(450, 2250), baseline).Detail.ShouldContain("limit 5 % exceeded");
    }

    [Fact]
    public void What_luck_explains_does_not_fail_against_the_baseline()
    {
        var baseline = Before(RatioValue(10, 1000));

        var judged = MetricJudge.Judge(Ratio(null, baselineRatio: 2), RatioValue(3, 100), baseline);

        judged.Verdict.ShouldBe(GateVerdict.Pass);
        judged.Detail.ShouldContain("within luck");
    }

    [Fact]
    public void Luck_does_not_excuse_a_breach_of_the_limit()
    {
        var baseline = Before(RatioValue(10, 1000));

        MetricJudge.Judge(Ratio(limit: 0.02, baselineRatio: 2), RatioValue(3, 100), baseline).Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void A_baseline_without_errors_is_a_baseline()
    {
        var baseline = Before(RatioValue(0, 1000));

        MetricJudge.Judge(Ratio(null, baselineRatio: 2, margin: 0.01), RatioValue(20, 200), baseline).Verdict.ShouldBe(GateVerdict.Fail);
        MetricJudge.Judge(Ratio(null, baselineRatio: 2, margin: 0.01), RatioValue(2, 200), baseline).Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public void Too_few_events_are_unknown_however_bad_they_are()
    {
        var judged = MetricJudge.Judge(Ratio(limit: 0.05), RatioValue(49, 49), null);

        judged.Verdict.ShouldBe(GateVerdict.Unknown);
        judged.Detail.ShouldContain("too few to judge, 50 are needed");
        MetricJudge.Judge(Ratio(limit: 0.05), RatioValue(50, 50), null).Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void Silence_is_judged_where_events_were_to_be_expected()
    {
        MetricJudge.Judge(Rate(minimum: 10), RateValue(0, 20), null).Verdict.ShouldBe(GateVerdict.Fail);
        MetricJudge.Judge(Rate(null, baselineRatio: 0.7), RateValue(0, 20), Before(RateValue(6000, 600))).Verdict.ShouldBe(GateVerdict.Fail);
        MetricJudge.Judge(Rate(minimum: 1), RateValue(0, 20), null).Verdict.ShouldBe(GateVerdict.Unknown);
    }

    [Theory]
    [InlineData(140, GateVerdict.Pass)]     // 7/s is 0.7 x 10/s
    [InlineData(139, GateVerdict.Fail)]
    public void A_rate_is_allowed_down_to_its_share_of_the_baseline(double count, GateVerdict expected)
    {
        MetricJudge.Judge(Rate(null, baselineRatio: 0.7), RateValue(count, 20), Before(RateValue(60_000, 6000))).Verdict.ShouldBe(expected);
    }

    [Fact]
    public void Without_a_baseline_a_limit_is_enough_and_the_line_says_so()
    {
        var judged = MetricJudge.Judge(Ratio(limit: 0.05, baselineRatio: 2), RatioValue(1, 100), null);

        judged.Verdict.ShouldBe(GateVerdict.Pass);
        judged.Detail.ShouldContain("no baseline, so judged by the limit alone");
    }

    [Fact]
    public void Without_a_baseline_and_a_limit_nothing_is_known()
    {
        var unmeasured = Before(new MetricValue { Metric = "5xx ratio", Measure = MetricMeasure.Ratio, Missing = "no events in 20 s" });

        MetricJudge.Judge(Ratio(null, baselineRatio: 2), RatioValue(1, 100), null).Verdict.ShouldBe(GateVerdict.Unknown);
        MetricJudge.Judge(Ratio(null, baselineRatio: 2), RatioValue(1, 100), unmeasured).Detail.ShouldContain("no baseline (no events in 20 s)");
        MetricJudge.Judge(Ratio(null, baselineRatio: 2), RatioValue(1, 100), Before(RatioValue(0, 49))).Verdict.ShouldBe(GateVerdict.Unknown);
    }

    [Fact]
    public void A_metric_that_allows_everything_is_unknown()
    {
        MetricJudge.Judge(Ratio(null), RatioValue(1, 100), null).Verdict.ShouldBe(GateVerdict.Unknown);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_quantile_beyond_the_histogram_breaks_every_limit(double limit)
    {
        var judged = MetricJudge.Judge(Quantile(limit), QuantileValue(1, isAtLeast: true), null);

        judged.Verdict.ShouldBe(GateVerdict.Fail);
        judged.Detail.ShouldStartWith(">= 1 s (the histogram tops out) of 1,000");
    }

    [Theory]
    [InlineData(0.5, GateVerdict.Fail)]         // at least 1 s is more than 1.25 x 0.5 s
    [InlineData(0.9, GateVerdict.Unknown)]      // at least 1 s may be 1.125 s or 10 s
    public void A_quantile_beyond_the_histogram_fails_or_is_unknown_against_the_baseline(double before, GateVerdict expected)
    {
        MetricJudge.Judge(Quantile(null, baselineRatio: 1.25), QuantileValue(1, isAtLeast: true), Before(QuantileValue(before))).Verdict.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0.25, GateVerdict.Pass)]
    [InlineData(0.2501, GateVerdict.Fail)]
    public void A_quantile_is_allowed_up_to_its_share_of_the_baseline(double value, GateVerdict expected)
    {
        MetricJudge.Judge(Quantile(null, baselineRatio: 1.25, margin: 0.02), QuantileValue(value), Before(QuantileValue(0.2))).Verdict.ShouldBe(expected);
    }

    [Fact]
    public void No_value_is_unknown_with_its_reason()
    {
        var value = new MetricValue { Metric = "5xx ratio", Measure = MetricMeasure.Ratio, Missing = "could not be read: connection refused" };

        MetricJudge.Judge(Ratio(), value, null).ShouldBe(GateResult.Unknown("5xx ratio", "could not be read: connection refused"));
    }

    [Fact]
    public void A_baseline_survives_the_journal()
    {
        var baseline = Before(RatioValue(27, 27_000, 600));

        JsonSerializer.Deserialize<MetricBaseline>(JsonSerializer.Serialize(baseline)).ShouldBe(baseline);
    }
}

using DeployOps.Gates;
using DeployOps.Health;

namespace DeployOps.Core.Tests.Health;

public class VerdictTrackerTests
{
    // A letter a look for one metric: P pass, F fail, U too few events, B blind; and the verdict after each look with two failing looks allowed to mean Rollback.
    [Theory]
    [InlineData("P", "Healthy", "Healthy")]
    [InlineData("U", "Inconclusive", "Inconclusive")]
    [InlineData("F", "Degraded", "Inconclusive")]
    [InlineData("FF", "Rollback", "Rollback")]
    [InlineData("FP", "Healthy", "Healthy")]
    [InlineData("FPF", "Degraded", "Inconclusive")]
    [InlineData("FPFF", "Rollback", "Rollback")]
    [InlineData("FU", "Degraded", "Inconclusive")]
    [InlineData("FUF", "Rollback", "Rollback")]
    [InlineData("FUP", "Healthy", "Healthy")]
    [InlineData("PPU", "Inconclusive", "Inconclusive")]
    [InlineData("UUP", "Healthy", "Healthy")]
    [InlineData("PBP", "Healthy", "Healthy")]
    [InlineData("PBBP", "Healthy", "Inconclusive")]
    [InlineData("PBPPBPPP", "Healthy", "Healthy")]
    [InlineData("PBBBPPPP", "Healthy", "Inconclusive")]
    [InlineData("BBFF", "Rollback", "Rollback")]
    public void Looks_fold_into_a_verdict_and_a_conclusion(string looks, string verdict, string conclusion)
    {
        var tracker = looks.Aggregate(new VerdictTracker(2), (before, look) => before.After([Finding("errors", look)]));

        tracker.Verdict.ToString().ShouldBe(verdict);
        tracker.Conclusion.ToString().ShouldBe(conclusion);
    }

    [Fact]
    public void Failing_looks_of_different_metrics_do_not_add_up()
    {
        var tracker = new VerdictTracker(2)
            .After([Finding("errors", 'F'), Finding("latency", 'P')])
            .After([Finding("errors", 'P'), Finding("latency", 'F')]);

        tracker.Verdict.ShouldBe(HealthVerdict.Degraded);
    }

    [Fact]
    public void One_unknown_metric_keeps_the_others_from_being_healthy()
    {
        new VerdictTracker(2).After([Finding("errors", 'P'), Finding("latency", 'U')]).Conclusion.ShouldBe(HealthVerdict.Inconclusive);
    }

    [Fact]
    public void What_is_no_longer_reported_is_not_healthy()
    {
        var tracker = new VerdictTracker(2).After([Finding("errors", 'P'), Finding("latency", 'P')]).After([Finding("errors", 'P')]);

        tracker.Conclusion.ShouldBe(HealthVerdict.Inconclusive);
    }

    [Fact]
    public void Nothing_judged_is_not_healthy()
    {
        new VerdictTracker(2).Conclusion.ShouldBe(HealthVerdict.Inconclusive);
        new VerdictTracker(2).After([]).Conclusion.ShouldBe(HealthVerdict.Inconclusive);
    }

    [Fact]
    public void What_was_blind_for_long_is_named_with_how_often()
    {
        var tracker = "PBBBP".Aggregate(new VerdictTracker(2), (before, look) => before.After([Finding("latency", look), Finding("errors", 'P')]));

        tracker.Blind.ShouldBe(["latency could not be asked in 3 of 5 looks"]);
    }

    [Fact]
    public void One_look_is_enough_where_the_plan_says_so()
    {
        new VerdictTracker(1).After([Finding("errors", 'F')]).Verdict.ShouldBe(HealthVerdict.Rollback);
    }

    private static HealthFinding Finding(string metric, char look) => new()
    {
        Metric = metric,
        Verdict = look switch { 'P' => GateVerdict.Pass, 'F' => GateVerdict.Fail, _ => GateVerdict.Unknown },
        Detail = "as told",
        IsBlind = look == 'B',
    };
}

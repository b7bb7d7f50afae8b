using DeployOps.CheckIns;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>Check-ins of a completed release, by a clock that is moved from one to the next.</summary>
public sealed class CheckInDeskTests : CompletedShop
{
    [Fact]
    public async Task A_check_in_judges_everything_since_the_one_before()
    {
        var release = await RegisteredAsync();
        Counters.Add(10_000, 100);
        Pass(release, TimeSpan.FromMinutes(30));

        var made = await CheckInAsync(release);

        made.ToString().ShouldStartWith("shop-2.4.0-1 check-in 1: Healthy: all 3 within their limits; errors: 1.00 % of 10,000 in 30 min");
        made.ExitCode.ShouldBe(0);
        made.Missed.ShouldBe(0);
        made.IsLast.ShouldBeFalse();
        made.Findings.Select(finding => finding.Metric).ShouldBe(["errors", "logs", "version of green-1"]);
    }

    [Fact]
    public async Task The_first_check_in_reads_the_logs_on_from_where_the_watch_ended()
    {
        var release = await RolledOutAsync("", null, Monitoring.Replace("Monitoring = @{ Logs", "Monitoring = @{ Duration = '00:00:01'; Interval = '00:00:00.2'; Baseline = '00:00:00'; Logs", StringComparison.Ordinal));
        Log(release, "2026-03-05T19:10:00Z Error Mail: server seven refuses everything");
        (await release.RunAsync(new WatchPhase(_ => Task.CompletedTask), deviation: "it was watched before")).Result.Findings.ShouldContain(finding => finding.Metric == "logs" && finding.Verdict != GateVerdict.Pass);
        await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);
        Log(release, "2026-03-05T19:20:00Z Error Stock: product 7 is negative: -2");
        await RegisterAsync(release);
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        var logs = (await CheckInAsync(release)).Findings[1];

        logs.Verdict.ShouldBe(GateVerdict.Fail);
        logs.Detail.ShouldStartWith("errors never seen before the release: 1 x '2026-03-05T19:20:00Z Error Stock: product 7 is negative: -2'; 1 new lines");
    }

    [Fact]
    public async Task After_a_gap_of_five_hours_what_happened_in_it_is_found_and_the_missed_ones_are_counted()
    {
        var release = await RegisteredAsync();
        Pass(release, TimeSpan.FromMinutes(30));
        Counters.Add(1000, 0);
        await CheckInAsync(release);
        Counters.Add(100_000, 20_000);
        Log(release, "2026-03-05T23:00:00Z Error Stock: product 7 is negative: -2");
        Pass(release, TimeSpan.FromHours(5));

        var made = await CheckInAsync(release);

        made.Missed.ShouldBe(9);
        made.Verdict.ShouldBe(HealthVerdict.Degraded);
        made.ExitCode.ShouldBe(1);
        made.Findings.Where(finding => finding.Verdict == GateVerdict.Fail).Select(finding => finding.Metric).ShouldBe(["errors", "logs"]);
        made.Findings[0].Detail.ShouldContain("20.00 % of 100,000 in 5 h");
        made.Findings[1].Detail.ShouldContain("Stock: product 7 is negative");

        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var next = await CheckInAsync(release);
        next.Verdict.ShouldBe(HealthVerdict.Healthy);
        next.Findings[1].Detail.ShouldContain("new since the release, and not now: '2026-03-05T23:00:00Z Error Stock: product 7 is negative: -2'");
    }

    [Fact]
    public async Task What_fails_as_often_as_the_plan_allows_is_critical()
    {
        var release = await RegisteredAsync();
        ExtendedCheckIn? made = null;
        for (var i = 0; i < 2; i++)
        {
            Counters.Add(1000, 200);
            Pass(release, TimeSpan.FromMinutes(30));
            made = await CheckInAsync(release);
        }

        made!.Verdict.ShouldBe(HealthVerdict.Rollback);
        made.ExitCode.ShouldBe(2);
        release.Shop.Acts.ShouldBeEmpty("nobody goes back by itself any more");
    }

    [Fact]
    public async Task Where_the_metrics_are_gone_nothing_is_known()
    {
        var release = await RegisteredAsync();
        Counters.IsGone = true;
        Pass(release, TimeSpan.FromMinutes(30));

        var made = await CheckInAsync(release);

        made.Verdict.ShouldBe(HealthVerdict.Inconclusive);
        made.ExitCode.ShouldBe(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_happened_while_the_metrics_were_gone_is_judged_once_they_are_back(int gone)
    {
        var release = await RegisteredAsync();
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        await CheckInAsync(release);
        Counters.Add(1000, 400);
        for (var i = 0; i < gone; i++)
        {
            Counters.IsGone = true;
            Pass(release, TimeSpan.FromMinutes(30));
            (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Inconclusive);
        }

        Counters.IsGone = false;
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var back = await CheckInAsync(release);

        back.Verdict.ShouldBe(HealthVerdict.Degraded);
        back.Findings[0].Detail.ShouldStartWith("20.00 % of 2,000 in ");
    }

    [Fact]
    public async Task Two_at_once_take_turns()
    {
        var release = await RegisteredAsync();
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        var made = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => CheckInAsync(release))));

        made.Select(one => one.Number).Order().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task An_instance_that_serves_another_version_is_found()
    {
        var release = await RegisteredAsync();
        Counters.Add(1000, 0);
        release.Shop.Green.Version = "2.3.0";
        Pass(release, TimeSpan.FromMinutes(30));

        (await CheckInAsync(release)).Findings[^1].ShouldBe(new HealthFinding { Metric = "version of green-1", Verdict = GateVerdict.Fail, Detail = "serves 2.3.0, expected 2.4.0", Looks = 1 });
    }

    [Fact]
    public async Task The_last_words_of_a_program_are_judged_though_they_have_no_end()
    {
        var release = await RegisteredAsync();
        File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), "2026-03-05T19:20:00Z FATAL Stock: out of memory");
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var first = (await CheckInAsync(release)).Findings[1];
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var second = (await CheckInAsync(release)).Findings[1];
        File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), "\n");
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var third = (await CheckInAsync(release)).Findings[1];

        first.Verdict.ShouldBe(GateVerdict.Pass);
        second.Verdict.ShouldBe(GateVerdict.Fail);
        second.Detail.ShouldContain("1 x '2026-03-05T19:20:00Z FATAL Stock: out of memory'");
        third.Verdict.ShouldBe(GateVerdict.Pass);
        third.Detail.ShouldStartWith("0 new lines, 0 errors");
    }
}

using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Logs;
using DeployOps.Health.Metrics;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>Check-ins of a completed release, by a clock that is moved from one to the next.</summary>
public sealed class CheckInDeskTests : IDisposable
{
    private const string Monitoring = """
        Monitoring = @{ Logs = @( 'logs/*.log' ); Metrics = @( @{ Name = 'errors'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:1/metrics'; Measure = 'Ratio'; Numerator = 'bad'; Denominator = 'all'; Limit = 0.05 } ) }
        ExtendedMonitoring = @{ Duration = '1.00:00:00'; Every = '00:30:00' }
        """;

    private const string Channels = "Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/a' }, @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/b'; Audience = 'Stakeholders' } )";

    private readonly Counters counters = new();
    private readonly ScriptedReporter reporter = new();
    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task A_check_in_judges_everything_since_the_one_before()
    {
        var release = await RegisteredAsync();
        counters.Add(10_000, 100);
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
        counters.Add(1000, 0);
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
        counters.Add(1000, 0);
        await CheckInAsync(release);
        counters.Add(100_000, 20_000);
        Log(release, "2026-03-05T23:00:00Z Error Stock: product 7 is negative: -2");
        Pass(release, TimeSpan.FromHours(5));

        var made = await CheckInAsync(release);

        made.Missed.ShouldBe(9);
        made.Verdict.ShouldBe(HealthVerdict.Degraded);
        made.ExitCode.ShouldBe(1);
        made.Findings.Where(finding => finding.Verdict == GateVerdict.Fail).Select(finding => finding.Metric).ShouldBe(["errors", "logs"]);
        made.Findings[0].Detail.ShouldContain("20.00 % of 100,000 in 5 h");
        made.Findings[1].Detail.ShouldContain("Stock: product 7 is negative");

        counters.Add(1000, 0);
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
            counters.Add(1000, 200);
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
        counters.IsGone = true;
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
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        await CheckInAsync(release);
        counters.Add(1000, 400);
        for (var i = 0; i < gone; i++)
        {
            counters.IsGone = true;
            Pass(release, TimeSpan.FromMinutes(30));
            (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Inconclusive);
        }

        counters.IsGone = false;
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var back = await CheckInAsync(release);

        back.Verdict.ShouldBe(HealthVerdict.Degraded);
        back.Findings[0].Detail.ShouldStartWith("20.00 % of 2,000 in ");
    }

    [Fact]
    public async Task Two_at_once_take_turns()
    {
        var release = await RegisteredAsync();
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        var made = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => CheckInAsync(release))));

        made.Select(one => one.Number).Order().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task An_instance_that_serves_another_version_is_found()
    {
        var release = await RegisteredAsync();
        counters.Add(1000, 0);
        release.Shop.Green.Version = "2.3.0";
        Pass(release, TimeSpan.FromMinutes(30));

        (await CheckInAsync(release)).Findings[^1].ShouldBe(new HealthFinding { Metric = "version of green-1", Verdict = GateVerdict.Fail, Detail = "serves 2.3.0, expected 2.4.0", Looks = 1 });
    }

    [Fact]
    public async Task The_first_one_after_the_end_is_the_last()
    {
        var release = await RegisteredAsync();
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromDays(2));

        var made = await CheckInAsync(release);
        var standing = await Desk(release).FindAsync(await release.WindowAsync());

        made.IsLast.ShouldBeTrue();
        standing.Missed.ShouldBe(95);
        standing.Summary.ShouldContain("after 1 check-ins (95 missed), the last Healthy");
        var page = await File.ReadAllTextAsync(Path.Combine(release.Folder, "report.html"), TestContext.Current.CancellationToken);
        page.ShouldContain("1 of 1 check-in found everything well. 95 more were missed, and judged by those after them. It has come to its end: Healthy throughout.");
        standing.Registration!.IsActive.ShouldBeFalse();
        standing.Due.ShouldBeNull();
        standing.Last.ShouldBe(HealthVerdict.Healthy);
        (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("has no extended monitoring any more: it ended");
    }

    [Fact]
    public async Task A_release_that_went_back_is_not_looked_after_any_more()
    {
        var release = await RegisteredAsync();
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.4.0-1, which is RolledBack, has no extended monitoring any more");
        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
    }

    [Theory]
    [InlineData(PhaseOutcome.Succeeded, true)]
    [InlineData(PhaseOutcome.Failed, false)]
    public async Task A_later_release_that_is_complete_takes_over(PhaseOutcome completion, bool isOver)
    {
        var release = await RegisteredAsync();
        Pass(release, TimeSpan.FromMinutes(30));
        counters.Add(1000, 0);
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", completion);

        if (isOver)
        {
            (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.5.0-1 took over: there is nothing to look after any more");
            (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
        }
        else
        {
            (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Healthy);
        }
    }

    [Fact]
    public async Task What_fails_while_a_later_release_is_on_its_way_is_not_held_against_this_one()
    {
        var release = await RegisteredAsync();
        Pass(release, TimeSpan.FromMinutes(30));
        counters.Add(1000, 200);
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed);

        var made = await CheckInAsync(release);

        made.Verdict.ShouldBe(HealthVerdict.Inconclusive);
        made.Findings.ShouldContain(finding => finding.Verdict == GateVerdict.Unknown && finding.Detail.StartsWith("while shop-2.5.0-1 is on its way: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(PhaseOutcome.Succeeded)]
    [InlineData(PhaseOutcome.Failed)]
    public async Task Which_release_is_the_later_one_no_clock_decides(PhaseOutcome completion)
    {
        var release = await RegisteredAsync();
        release.Shop.Green.Version = "2.3.0";
        Pass(release, -TimeSpan.FromHours(1));
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", completion, epoch: 1);

        if (completion == PhaseOutcome.Succeeded)
        {
            (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.5.0-1 took over");
        }
        else
        {
            (await CheckInAsync(release)).Findings.ShouldContain(finding => finding.Detail.StartsWith("while shop-2.5.0-1 is on its way: ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_earlier_release_takes_over_from_none_whatever_its_clock_said()
    {
        var release = await RegisteredAsync();
        await release.OpenAnotherAsync("shop-2.3.0-1", "2.3.0", PhaseOutcome.Succeeded, epoch: -1);
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Healthy);
    }

    [Fact]
    public async Task What_a_killed_run_began_is_gone_on_with_from_where_it_began()
    {
        var release = await RegisteredAsync();
        var began = await ForgetInstalledAsync(release);
        counters.Add(10_000, 100);
        Pass(release, TimeSpan.FromHours(2));

        var standing = await Desk(release).FindAsync(await release.WindowAsync());
        var owed = await Desk(release).OwedAsync(await release.WindowAsync(), Order());
        var registered = await RegisterAsync(release);
        Pass(release, TimeSpan.FromMinutes(30));
        var made = await CheckInAsync(release);

        standing.Summary.ShouldStartWith($"begun {began.From.UtcDateTime:u}, and whether None took it is not known: register it again");
        owed!.Value.Planned.Summary.ShouldStartWith("every 00:30:00 until ");
        registered.Registration!.From.ShouldBe(began.From);
        registered.Registration.Until.ShouldBeGreaterThan(began.Until);
        made.Findings[0].Detail.ShouldContain("1.00 % of 10,000 in ");
        (await Desk(release).OwedAsync(await release.WindowAsync(), Order())).ShouldBeNull();
        await Errors.OfAsync(() => RegisterAsync(release), "MonitoringRegistered");
    }

    [Fact]
    public async Task What_somebody_ended_is_owed_no_more()
    {
        var release = await RegisteredAsync();
        await ForgetInstalledAsync(release);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        (await Desk(release).OwedAsync(await release.WindowAsync(), Order())).ShouldBeNull();
    }

    [Theory]
    [InlineData(new int[0], "no check-in was made", NoticeTone.Neutral, "")]
    [InlineData(new[] { 0 }, "it was Healthy throughout", NoticeTone.Good, "1 check-ins: 1 Healthy. The last found Healthy.")]
    [InlineData(new[] { 200, 0 }, "it was Degraded at worst", NoticeTone.Warning, "2 check-ins: 1 Healthy, 1 Degraded. The last found Healthy.")]
    public async Task Everybody_is_told_how_it_ended_where_a_later_release_took_over(int[] failed, string found, NoticeTone tone, string tally)
    {
        var release = await RegisteredAsync(Channels);
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        foreach (var bad in failed)
        {
            counters.Add(1000, bad);
            Pass(release, TimeSpan.FromMinutes(30));
            await CheckInAsync(release);
        }

        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Succeeded);
        Pass(release, TimeSpan.FromMinutes(30));

        var error = await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");
        await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");

        error.Message.ShouldContain($"shop-2.5.0-1 took over: there is nothing to look after any more; {found}.");
        foreach (var channel in new[] { team, all })
        {
            var notice = channel.Taken.Where(notice => notice.Title.Contains("was looked after", StringComparison.Ordinal)).ShouldHaveSingleItem();
            (notice.Title, notice.Tone).ShouldBe(($"shop 2.4.0 in production: was looked after until shop-2.5.0-1 took over; {found}", tone));
        }

        all.Taken[^1].Text.ShouldBe(tally);
        team.Taken[^1].Text.ShouldEndWith($"shop-2.5.0-1 took over: there is nothing to look after any more; {found}");
        var page = await File.ReadAllTextAsync(Path.Combine(release.Folder, "report.html"), TestContext.Current.CancellationToken);
        page.Contains($"It has ended. shop-2.5.0-1 took over: there is nothing to look after any more; {found}.", StringComparison.Ordinal).ShouldBe(failed.Length > 0);
        page.ShouldNotContain("It goes on.");
    }

    [Fact]
    public async Task Who_registers_again_goes_on_with_the_logs_where_the_last_check_in_ended()
    {
        var release = await RegisteredAsync();
        Log(release, "2026-03-05T19:20:00Z Error Stock: product 7 is negative: -2");
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        (await CheckInAsync(release)).Findings[1].Verdict.ShouldBe(GateVerdict.Fail);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        Log(release, "2026-03-05T20:40:00Z Error Stock: product 9 is negative: -4\n2026-03-05T20:40:00Z Error Mail: server seven refuses everything");
        await RegisterAsync(release);
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        var logs = (await CheckInAsync(release)).Findings[1];
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var next = (await CheckInAsync(release)).Findings[1];

        logs.Detail.ShouldContain("Mail: server seven refuses everything");
        logs.Detail.ShouldContain("; 2 new lines, 2 errors");
        next.Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public async Task A_report_says_who_ended_it()
    {
        var release = await RegisteredAsync();
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        await CheckInAsync(release);
        var path = Path.Combine(release.Folder, "report.html");
        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldContain("found everything well. It goes on.");

        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        await new DeploymentReport(release.Ports()).WriteAsync(await release.WindowAsync());

        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldContain("found everything well. It has ended. executor ended the extended monitoring.");
    }

    [Fact]
    public async Task The_team_is_told_what_changes_and_everybody_how_it_ends()
    {
        var release = await RegisteredAsync(Channels);
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        foreach (var bad in new[] { 0, 0, 200, 200, 0 })
        {
            counters.Add(1000, bad);
            Pass(release, TimeSpan.FromMinutes(30));
            await CheckInAsync(release);
        }

        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromDays(1));
        await CheckInAsync(release);

        team.Taken.Select(notice => notice.Title["shop 2.4.0 in production: ".Length..]).TakeLast(4).ShouldBe(
            ["is Degraded since it was completed", "is Rollback since it was completed", "is Healthy since it was completed", "was looked after to the end and was Rollback at worst"]);
        all.Taken[^1].Title.ShouldEndWith("was looked after to the end and was Rollback at worst");
        (all.Taken[^1].Tone, all.Taken[^1].Text).ShouldBe((NoticeTone.Bad, "6 check-ins: 4 Healthy, 1 Degraded, 1 Rollback; 47 more were missed, and judged by those after them. The last found Healthy."));
        team.Taken[^1].Text.ShouldContain("\nCheck-in 6, after 47 that were missed: Healthy: ");
        all.Taken.Count(notice => notice.Title.Contains("since it was completed", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Fact]
    public async Task A_channel_whose_variable_the_scheduler_does_not_know_keeps_no_check_in_from_being_made()
    {
        var release = await RegisteredAsync(
            "Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'env:HOOK' }, @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/b' } )",
            variables: new() { ["HOOK"] = "http://127.0.0.1:1/t0ken-of-the-team" });
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        counters.Add(1000, 200);
        Pass(release, TimeSpan.FromMinutes(30));
        release.Variables.Remove("HOOK");

        var made = await CheckInAsync(release);

        made.Verdict.ShouldBe(HealthVerdict.Degraded);
        team.Taken.ShouldBeEmpty();
        all.Taken[^1].Title.ShouldEndWith("is Degraded since it was completed");
        reporter.Warnings[^1].ShouldStartWith("team did not take a notice, and ");
        reporter.Warnings[^1].ShouldContain("'env:HOOK': The reference 'env:HOOK' yields nothing");

        release.Variables["HOOK"] = "http://127.0.0.1:1/t0ken-of-the-team";
        await new NoticeDesk(release.Ports(), reporter).FlushAsync(await release.WindowAsync(), CancellationToken.None);
        team.Taken[^1].Title.ShouldEndWith("is Degraded since it was completed");
    }

    [Fact]
    public async Task Who_registers_is_told_which_channels_check_ins_cannot_use()
    {
        var release = await CompletedAsync("Notices = @( @{ Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/a'; Secret = 'env:SIGNATURE' } )", new() { ["SIGNATURE"] = "s1gnature-of-the-team" });

        await RegisterAsync(release);

        reporter.Warnings.ShouldHaveSingleItem().ShouldBe("A check-in of shop-2.4.0-1 that is started without the variables of this terminal tells nobody by Notices[0].Secret (env:SIGNATURE): its notices wait until a command runs where they are set.");
    }

    [Fact]
    public async Task What_is_watched_by_a_variable_is_refused_where_a_scheduler_starts_and_warned_of_where_a_person_does()
    {
        var release = await CompletedAsync("", new() { ["METRICS"] = "http://127.0.0.1:1/metrics" }, Monitoring.Replace("http://127.0.0.1:1/metrics", "env:METRICS", StringComparison.Ordinal));
        var window = await release.WindowAsync();

        (await Errors.OfAsync(() => Desk(release).PlanAsync(window, Order() with { Scheduler = CheckInScheduler.Systemd }), "CheckInVariables")).Message.ShouldContain("Monitoring.Metrics[0].Uri (env:METRICS)");
        reporter.Warnings.ShouldBeEmpty();
        await Desk(release).PlanAsync(window, Order());

        reporter.Warnings.ShouldBe(["Check-ins of shop-2.4.0-1 need variables: Monitoring.Metrics[0].Uri (env:METRICS). Run the command where they are set."]);
    }

    [Fact]
    public async Task A_release_that_is_not_complete_is_not_looked_after()
    {
        var release = opened = await Release.OpenAsync(more: Monitoring);

        await Errors.OfAsync(() => RegisterAsync(release), "WindowNotCompleted");
    }

    [Fact]
    public async Task It_is_registered_once_until_it_is_ended()
    {
        var release = await RegisteredAsync();

        await Errors.OfAsync(() => RegisterAsync(release), "MonitoringRegistered");
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        (await RegisterAsync(release)).CheckIns.ShouldBe(0);
    }

    [Fact]
    public async Task Of_two_who_register_at_once_one_is_told_that_the_other_was_first()
    {
        var release = await CompletedAsync("");
        counters.Pause = TimeSpan.FromMilliseconds(300);

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => await Record.ExceptionAsync(() => RegisterAsync(release))));

        both.Count(error => error is null).ShouldBe(1);
        both.OfType<DeployOpsException>().ShouldHaveSingleItem().ErrorId.ShouldBe("MonitoringRegistered");
        (await release.RecordsAsync()).Count(record => record.Target == CheckInRegistration.CaptureName && record.Read<CheckInRegistration>() is { IsPending: false }).ShouldBe(1);
    }

    [Fact]
    public async Task What_an_earlier_version_left_is_gone_on_with_and_the_log_says_which_version_did()
    {
        var release = await RegisteredAsync();
        await RewriteStateAsync(release, state => state["moduleVersion"] = "0.9.0");
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Healthy);

        (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.CheckIn && record.Message.StartsWith("Check-in 1, by DeployOps 1.0.0, where the one before was by 0.9.0: Healthy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_version_left_that_this_one_cannot_read_is_said_to_be_that()
    {
        var release = await RegisteredAsync();
        await RewriteStateAsync(release, state => state["samples"] = "as it was then");
        Pass(release, TimeSpan.FromMinutes(30));

        var error = await Should.ThrowAsync<DeployOpsException>(() => CheckInAsync(release));

        error.ErrorId.ShouldBe("CheckInUnreadable");
        error.Message.ShouldMatch(@"^What DeployOps left of shop-2\.4\.0-1, whose window was opened by version 1\.0\.0, cannot be read by this one, 1\.0\.0, so nothing was looked at: Record \d+ \(Captured\) of the journal is whole and has no CheckInState that this version of DeployOps can read");
        (await release.RecordsAsync()).ShouldNotContain(record => record.Kind == JournalKind.CheckIn);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        await RegisterAsync(release);
        reporter.Warnings.ShouldContain(words => words.StartsWith("How far an earlier check-in had read the logs cannot be told by this version of DeployOps", StringComparison.Ordinal));
        Pass(release, TimeSpan.FromMinutes(30));
        (await CheckInAsync(release)).Number.ShouldBe(1);
    }

    [Fact]
    public async Task The_last_words_of_a_program_are_judged_though_they_have_no_end()
    {
        var release = await RegisteredAsync();
        File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), "2026-03-05T19:20:00Z FATAL Stock: out of memory");
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var first = (await CheckInAsync(release)).Findings[1];
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var second = (await CheckInAsync(release)).Findings[1];
        File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), "\n");
        counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var third = (await CheckInAsync(release)).Findings[1];

        first.Verdict.ShouldBe(GateVerdict.Pass);
        second.Verdict.ShouldBe(GateVerdict.Fail);
        second.Detail.ShouldContain("1 x '2026-03-05T19:20:00Z FATAL Stock: out of memory'");
        third.Verdict.ShouldBe(GateVerdict.Pass);
        third.Detail.ShouldStartWith("0 new lines, 0 errors");
    }

    [Theory]
    [InlineData("00:00:30", "1.00:00:00")]
    [InlineData("00:30:00", "15.00:00:00")]
    [InlineData("2.00:00:00", "4.00:00:00")]
    public async Task Times_that_make_no_sense_are_refused(string every, string duration)
    {
        var release = await RegisteredAsync();

        await Errors.OfAsync(async () => await Desk(release).PlanAsync(await release.WindowAsync(), Order() with { Every = TimeSpan.Parse(every, null), Duration = TimeSpan.Parse(duration, null) }), "MonitoringTimeInvalid");
    }

    [Fact]
    public async Task What_is_written_to_a_folder_is_taken_away_again()
    {
        var release = await CompletedAsync("");
        var folder = Path.Combine(release.Root, "units");
        var order = Order() with { Scheduler = CheckInScheduler.Systemd, Folder = folder };
        var (planned, schedule) = await Desk(release).PlanAsync(await release.WindowAsync(), order);
        Directory.Exists(folder).ShouldBeFalse();

        var registered = await Desk(release).RegisterAsync(planned, schedule, CancellationToken.None);
        var written = Directory.EnumerateFiles(folder).Order().ToList();
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        written.ShouldBe(registered.Registration!.Files.Order());
        Directory.EnumerateFiles(folder).ShouldBeEmpty();
    }

    // As a run leaves it that is killed before it has written that the scheduler took it.
    private static async Task<CheckInRegistration> ForgetInstalledAsync(Release release)
    {
        var registration = (await release.FactsAsync()).Captured<CheckInRegistration>(CheckInRegistration.CaptureName)! with { InstalledAt = null };
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "about to be installed") { Phase = DeploymentPhase.Completion, Target = CheckInRegistration.CaptureName, Detail = JournalJson.ToNode(registration) });
        return registration;
    }

    // As another version would have written it.
    private static async Task RewriteStateAsync(Release release, Action<System.Text.Json.Nodes.JsonObject> change)
    {
        var last = (await release.RecordsAsync()).Last(record => record is { Kind: JournalKind.Captured, Target: CheckInState.CaptureName });
        var state = last.Data!.DeepClone().AsObject();
        change(state);
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "as another version writes it") { Phase = DeploymentPhase.Completion, Target = CheckInState.CaptureName, Detail = state });
    }

    private static CheckInOrder Order() => new() { Scheduler = CheckInScheduler.None, Command = new CheckInCommandLine(["pwsh", "check-in.ps1", "-Id", "shop-2.4.0-1"], new Dictionary<string, string>()) };

    private CheckInDesk Desk(Release release) => new(release.Ports(), reporter);

    private async Task<ExtendedCheckIn> CheckInAsync(Release release) => await Desk(release).CheckInAsync(await release.WindowAsync(), CancellationToken.None);

    private async Task<ExtendedMonitoring> RegisterAsync(Release release)
    {
        var (planned, schedule) = await Desk(release).PlanAsync(await release.WindowAsync(), Order());
        return await Desk(release).RegisterAsync(planned, schedule, CancellationToken.None);
    }

    private static void Log(Release release, string line) => File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), line + "\n");

    private void Pass(Release release, TimeSpan time)
    {
        release.Clock.Shift += time;
        counters.Clock = release.Clock;
    }

    private async Task<Release> RegisteredAsync(string more = "", Dictionary<string, string>? variables = null)
    {
        var release = await CompletedAsync(more, variables);
        await RegisterAsync(release);
        return release;
    }

    private async Task<Release> CompletedAsync(string more, Dictionary<string, string>? variables = null, string monitoring = Monitoring)
    {
        var release = await RolledOutAsync(more, variables, monitoring);
        foreach (var phase in new[] { DeploymentPhase.Monitoring, DeploymentPhase.Completion })
        {
            await release.EndPhaseAsync(phase, PhaseOutcome.Succeeded);
        }

        release.Shop.Forget();
        return release;
    }

    private async Task<Release> RolledOutAsync(string more, Dictionary<string, string>? variables, string monitoring)
    {
        var release = opened = await Release.OpenAsync(more: $"{monitoring}\n{more}", faster: 1, variables: variables);
        release.Metrics = counters;
        counters.Clock = release.Clock;
        release.Write("logs/app.log", "2026-03-05T19:00:00Z Error Cart: customer 7 did not answer\n");
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var logs = new LogReview([Path.Combine(release.Root, "logs", "*.log")], line => line).Learn();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "logs read") { Phase = DeploymentPhase.Preparation, Target = LogReview.Name, Detail = JournalJson.ToNode(logs) });

        return release;
    }

    /// <summary>Counters of requests that only rise, as a page tells them.</summary>
    private sealed class Counters : IMetricSource
    {
        private double all = 100;
        private double bad;

        public TimeProvider Clock { get; set; } = TimeProvider.System;

        public bool IsGone { get; set; }

        public TimeSpan Pause { get; set; }

        public void Add(double requests, double failed) => (all, bad) = (all + requests, bad + failed);

        public async Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
        {
            await Task.Delay(Pause, cancellationToken);
            return Sample(metrics);
        }

        private List<MetricSample> Sample(IReadOnlyList<MetricSpec> metrics) => [.. metrics.Select(metric => new MetricSample
        {
            Metric = metric.Name,
            Time = Clock.GetUtcNow(),
            Series = IsGone ? null : [new SeriesValue(SeriesRole.Numerator, "bad", bad), new SeriesValue(SeriesRole.Denominator, "all", all)],
            Error = IsGone ? "connection refused" : null,
        })];
    }
}

using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>The extended monitoring is registered once, for times that make sense, where its check-ins can run.</summary>
public sealed class RegistrationTests : CompletedShop
{
    [Fact]
    public async Task Who_registers_again_goes_on_with_the_logs_where_the_last_check_in_ended()
    {
        var release = await RegisteredAsync();
        Log(release, "2026-03-05T19:20:00Z Error Stock: product 7 is negative: -2");
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        (await CheckInAsync(release)).Findings[1].Verdict.ShouldBe(GateVerdict.Fail);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        Log(release, "2026-03-05T20:40:00Z Error Stock: product 9 is negative: -4\n2026-03-05T20:40:00Z Error Mail: server seven refuses everything");
        await RegisterAsync(release);
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        var logs = (await CheckInAsync(release)).Findings[1];
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        var next = (await CheckInAsync(release)).Findings[1];

        logs.Detail.ShouldContain("Mail: server seven refuses everything");
        logs.Detail.ShouldContain("; 2 new lines, 2 errors");
        next.Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public async Task Who_registers_is_told_which_channels_check_ins_cannot_use()
    {
        var release = await CompletedAsync("Notices = @( @{ Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/a'; Secret = 'env:SIGNATURE' } )", new() { ["SIGNATURE"] = "s1gnature-of-the-team" });

        await RegisterAsync(release);

        Reporter.Warnings.ShouldHaveSingleItem().ShouldBe("A check-in of shop-2.4.0-1 that is started without the variables of this terminal tells nobody by Notices[0].Secret (env:SIGNATURE): its notices wait until a command runs where they are set.");
    }

    [Fact]
    public async Task What_is_watched_by_a_variable_is_refused_where_a_scheduler_starts_and_warned_of_where_a_person_does()
    {
        var release = await CompletedAsync("", new() { ["METRICS"] = "http://127.0.0.1:1/metrics" }, Monitoring.Replace("http://127.0.0.1:1/metrics", "env:METRICS", StringComparison.Ordinal));
        var window = await release.WindowAsync();

        (await Errors.OfAsync(() => Desk(release).PlanAsync(window, Order() with { Scheduler = CheckInScheduler.Systemd }), "CheckInVariables")).Message.ShouldContain("Monitoring.Metrics[0].Uri (env:METRICS)");
        Reporter.Warnings.ShouldBeEmpty();
        await Desk(release).PlanAsync(window, Order());

        Reporter.Warnings.ShouldBe(["Check-ins of shop-2.4.0-1 need variables: Monitoring.Metrics[0].Uri (env:METRICS). Run the command where they are set."]);
    }

    [Fact]
    public async Task A_release_that_is_not_complete_is_not_looked_after()
    {
        var release = Opened = await Release.OpenAsync(more: Monitoring);

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
        Counters.Pause = TimeSpan.FromMilliseconds(300);

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
        Counters.Add(1000, 0);
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
        Reporter.Warnings.ShouldContain(words => words.StartsWith("How far an earlier check-in had read the logs cannot be told by this version of DeployOps", StringComparison.Ordinal));
        Pass(release, TimeSpan.FromMinutes(30));
        (await CheckInAsync(release)).Number.ShouldBe(1);
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

    [Fact]
    public async Task What_a_killed_run_began_is_gone_on_with_from_where_it_began()
    {
        var release = await RegisteredAsync();
        var began = await ForgetInstalledAsync(release);
        Counters.Add(10_000, 100);
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
}

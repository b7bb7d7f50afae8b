using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>Programs of the path belong to the whole process, so nothing else runs beside these.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class SchedulerProgramsCollection
{
    public const string Name = "Programs of schedulers";
}

/// <summary>What schedulers are told, by programs in place of theirs that write it down.</summary>
[Collection(SchedulerProgramsCollection.Name)]
public sealed class SchedulerProgramsTests : IDisposable
{
    private const string More = """
        ExtendedMonitoring = @{ Duration = '1.00:00:00'; Every = '00:30:00' }
        Notices = @( @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/b'; Audience = 'Stakeholders' } )
        """;

    private readonly SchedulerPrograms programs = new();
    private readonly ScriptedReporter reporter = new();
    private Release? opened;

    public void Dispose()
    {
        opened?.Dispose();
        programs.Dispose();
    }

    [Fact]
    public async Task Systemd_is_told_to_begin_and_to_end()
    {
        var release = await CompletedAsync();

        await RegisterAsync(release, CheckInScheduler.Systemd);
        var begun = programs.Calls;
        programs.IsActive.ShouldBeTrue();
        Directory.EnumerateFiles(programs.Units).Select(Path.GetFileName).Order().ShouldBe(["deployops-shop-2.4.0-1.service", "deployops-shop-2.4.0-1.timer"]);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        begun.ShouldBe(["systemctl --user daemon-reload", "systemctl --user enable --now deployops-shop-2.4.0-1.timer", $"loginctl show-user {Environment.UserName} --property=Linger --value"]);
        reporter.Warnings.ShouldBeEmpty();
        programs.Calls.Skip(3).ShouldBe(["systemctl --user disable --now deployops-shop-2.4.0-1.timer", "systemctl --user daemon-reload"]);
        programs.IsActive.ShouldBeFalse();
        Directory.EnumerateFiles(programs.Units).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_timer_that_ends_when_its_user_logs_out_is_warned_of()
    {
        var release = await CompletedAsync();
        programs.LogOut();

        (await RegisterAsync(release, CheckInScheduler.Systemd)).Registration!.IsActive.ShouldBeTrue();

        reporter.Warnings.ShouldHaveSingleItem().ShouldBe($"The check-ins of shop-2.4.0-1 end when {Environment.UserName} logs out: type 'loginctl enable-linger {Environment.UserName}', or register them with -Scope System.");
    }

    [Theory]
    [InlineData(CheckInScheduler.Systemd)]
    [InlineData(CheckInScheduler.Cron)]
    public async Task What_another_account_registered_is_not_said_to_be_ended(CheckInScheduler scheduler)
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, scheduler);
        await using (var session = await WindowSession.OpenAsync(release.Folder, release.Ports()))
        {
            var registration = session.Facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName)!;
            await session.CaptureAsync(DeploymentPhase.Completion, CheckInRegistration.CaptureName, registration with { Account = "deploy" }, "registered by deploy");
        }

        var error = await Errors.OfAsync(async () => await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None), "SchedulerOfAnother");

        error.Message.ShouldContain($"were registered by deploy, whose scheduler {Environment.UserName} cannot end");
        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeTrue();
    }

    [Fact]
    public async Task A_timer_that_may_still_run_is_no_end()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.Systemd);
        programs.Fail("disable");

        (await Errors.OfAsync(async () => await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None), "SchedulerFailed")).Message
            .ShouldStartWith("deployops-shop-2.4.0-1.timer may still run: systemctl could not disable: Failed to connect to bus.");
        programs.Fail(null);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        programs.IsActive.ShouldBeFalse();
        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
    }

    [Fact]
    public async Task A_timer_that_is_not_there_any_more_is_no_mistake()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.Systemd);
        Directory.Delete(programs.Units, recursive: true);
        await using (var session = await WindowSession.OpenAsync(release.Folder, release.Ports()))
        {
            await Scheduler.RemoveAsync("shop-2.4.0-1", session.Facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName)!, CancellationToken.None);
        }

        programs.Fail("disable", "Failed to disable unit: Unit file deployops-shop-2.4.0-1.timer does not exist.");
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
    }

    [Fact]
    public async Task A_registration_that_fails_leaves_nothing_behind()
    {
        var release = await CompletedAsync();
        programs.Fail("enable", "Failed to enable unit: access denied");

        (await Errors.OfAsync(() => RegisterAsync(release, CheckInScheduler.Systemd), "SchedulerFailed")).Message.ShouldContain("access denied");

        Directory.EnumerateFiles(programs.Units).ShouldBeEmpty();
        programs.Calls.ShouldContain("systemctl --user disable --now deployops-shop-2.4.0-1.timer");
        reporter.Warnings.ShouldBeEmpty();
        programs.Fail(null);
        (await RegisterAsync(release, CheckInScheduler.Systemd)).Registration!.IsActive.ShouldBeTrue();
    }

    [Fact]
    public async Task A_registration_that_is_cancelled_while_the_timer_begins_ends_it_again()
    {
        var release = await CompletedAsync();
        programs.Hang("enable");
        using var cancel = new CancellationTokenSource();
        var registering = RegisterAsync(release, CheckInScheduler.Systemd, cancel.Token);
        await programs.CalledAsync("systemctl --user enable --now deployops-shop-2.4.0-1.timer");
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => registering);

        programs.IsActive.ShouldBeFalse();
        Directory.EnumerateFiles(programs.Units).ShouldBeEmpty();
        var standing = await Desk(release).FindAsync(await release.WindowAsync());
        standing.Registration!.IsActive.ShouldBeFalse();
        standing.Summary.ShouldBe("not registered: Systemd took no check-ins");
        File.Delete(programs.HangPath);
        var owed = await Desk(release).OwedAsync(await release.WindowAsync(), Order(CheckInScheduler.Systemd));
        await Desk(release).RegisterAsync(owed!.Value.Planned, owed.Value.Schedule, CancellationToken.None);
        programs.IsActive.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_run_that_was_killed_did_not_install_the_next_one_does()
    {
        var release = await CompletedAsync();
        await BeginAsync(release, CheckInScheduler.Systemd);

        await RegisterAsync(release, CheckInScheduler.Systemd);

        programs.IsActive.ShouldBeTrue();
        Directory.EnumerateFiles(programs.Units).Count().ShouldBe(2);
        (await Desk(release).FindAsync(await release.WindowAsync())).Summary.ShouldStartWith("every 00:30:00 until ");
    }

    [Fact]
    public async Task What_it_may_have_installed_elsewhere_is_taken_away_first()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.Systemd);
        await BeginAsync(release, CheckInScheduler.Systemd);

        await RegisterAsync(release, CheckInScheduler.Cron);

        programs.IsActive.ShouldBeFalse();
        Directory.EnumerateFiles(programs.Units).ShouldBeEmpty();
        programs.Crontab.ShouldEndWith("# deployops shop-2.4.0-1\n");
    }

    [Fact]
    public async Task Whoever_unregisters_waits_for_whoever_registers()
    {
        var release = await CompletedAsync();
        programs.Hang("daemon-reload");
        using var cancel = new CancellationTokenSource();
        var registering = RegisterAsync(release, CheckInScheduler.Systemd, cancel.Token);
        await programs.CalledAsync("systemctl --user daemon-reload");
        var window = await release.WindowAsync();

        var ending = Record.ExceptionAsync(() => Desk(release).UnregisterAsync(window, CancellationToken.None));
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var waited = !ending.IsCompleted;
        File.Delete(programs.HangPath);
        await cancel.CancelAsync();
        await Record.ExceptionAsync(() => registering);

        waited.ShouldBeTrue();
        (await ending).ShouldBeOfType<DeployOpsException>().ErrorId.ShouldBe("MonitoringNotRegistered");
        programs.IsActive.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_timer_that_goes_on_after_its_end_is_taken_away_by_what_it_starts(bool byHand)
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.Systemd);
        await using (var session = await WindowSession.OpenAsync(release.Folder, release.Ports()))
        {
            var registration = session.Facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName)!;
            await session.CaptureAsync(DeploymentPhase.Completion, CheckInRegistration.CaptureName, registration with { EndedAt = session.Now, Reason = "ended in between" }, "ended in between");
        }

        await Errors.OfAsync(async () => _ = byHand ? (object)await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None) : await CheckInAsync(release), "MonitoringNotRegistered");

        programs.IsActive.ShouldBeFalse();
        Directory.EnumerateFiles(programs.Units).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_task_that_is_not_there_any_more_is_no_mistake()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.TaskScheduler);
        await using (var session = await WindowSession.OpenAsync(release.Folder, release.Ports()))
        {
            await Scheduler.RemoveAsync("shop-2.4.0-1", session.Facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName)!, CancellationToken.None);
        }

        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
        programs.Calls.TakeLast(2).ShouldBe(["schtasks /Delete /F /TN deployops-shop-2.4.0-1", "schtasks /Query /FO CSV /NH"]);
    }

    [Fact]
    public async Task A_task_that_may_still_run_is_no_end()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.TaskScheduler);
        programs.Fail("/Delete", "ERROR: Access is denied.");

        (await Errors.OfAsync(async () => await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None), "SchedulerFailed")).Message
            .ShouldStartWith("The task deployops-shop-2.4.0-1 could not be deleted: ERROR: Access is denied.");
        programs.Fail(null);
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_deleted_is_named()
    {
        // The system deletes this one for nobody.
        const string File = "/proc/version";
        var registration = new CheckInRegistration
        {
            From = DateTimeOffset.UnixEpoch,
            Until = DateTimeOffset.UnixEpoch,
            Every = TimeSpan.FromHours(1),
            Scheduler = CheckInScheduler.None,
            Scope = SchedulerScope.User,
            Files = [File],
            Command = "",
        };

        (await Errors.OfAsync(() => Scheduler.RemoveAsync("shop-2.4.0-1", registration, CancellationToken.None), "SchedulerFailed")).Message.ShouldStartWith($"{File} cannot be deleted: ");
    }

    [Fact]
    public async Task What_else_is_in_the_crontab_stays()
    {
        var release = await CompletedAsync();
        programs.Crontab = "0 5 * * * backup\n";

        await RegisterAsync(release, CheckInScheduler.Cron);
        var begun = programs.Crontab;
        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);

        begun.ShouldBe("0 5 * * * backup\n*/30 * * * * 'pwsh' 'check-in.ps1' '-Id' 'shop-2.4.0-1' # deployops shop-2.4.0-1\n");
        programs.Crontab.ShouldBe("0 5 * * * backup\n");
        programs.Calls.ShouldBe(["crontab -l", "crontab -", "crontab -l", "crontab -"]);
    }

    [Fact]
    public async Task Who_has_no_crontab_gets_one()
    {
        var release = await CompletedAsync();

        await RegisterAsync(release, CheckInScheduler.Cron);

        programs.Crontab.ShouldBe("*/30 * * * * 'pwsh' 'check-in.ps1' '-Id' 'shop-2.4.0-1' # deployops shop-2.4.0-1\n");
    }

    [Fact]
    public async Task What_crontab_complains_of_is_no_line()
    {
        var release = await CompletedAsync();
        programs.Complain();

        await RegisterAsync(release, CheckInScheduler.Cron);

        programs.Crontab.ShouldBe("*/30 * * * * 'pwsh' 'check-in.ps1' '-Id' 'shop-2.4.0-1' # deployops shop-2.4.0-1\n");
    }

    [Fact]
    public async Task A_crontab_that_cannot_be_read_is_not_written_over()
    {
        var release = await CompletedAsync();
        programs.Crontab = "0 5 * * * backup\n";
        programs.Fail("-l", "crontabs/tester/: fopen: Permission denied");

        (await Errors.OfAsync(() => RegisterAsync(release, CheckInScheduler.Cron), "SchedulerFailed")).Message.ShouldStartWith("'crontab -l' ended with 1: crontabs/tester/: fopen: Permission denied.");

        programs.Crontab.ShouldBe("0 5 * * * backup\n");
        reporter.Warnings.ShouldHaveSingleItem().ShouldContain("could not be taken back");
    }

    [Fact]
    public async Task Two_at_once_lose_no_line()
    {
        var command = new CheckInCommandLine(["pwsh"], new Dictionary<string, string>());
        var schedules = Enumerable.Range(1, 4).Select(number => new ScheduledCheckIn($"shop-2.4.0-{number}", DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), command, CheckInScheduler.Cron, SchedulerScope.User, null));

        await Task.WhenAll(schedules.Select(schedule => Scheduler.InstallAsync(schedule, CancellationToken.None)));

        programs.Crontab.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(4);
    }

    [Fact]
    public async Task Task_Scheduler_gets_the_file_of_the_task()
    {
        var schedule = new ScheduledCheckIn("shop-2.4.0-1", DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), new CheckInCommandLine(["pwsh"], new Dictionary<string, string>()), CheckInScheduler.TaskScheduler, SchedulerScope.User, null);
        var file = Scheduler.Files(schedule)[0].Path;

        await Scheduler.InstallAsync(schedule, CancellationToken.None);

        programs.Calls.ShouldBe([$"schtasks /Create /F /TN deployops-shop-2.4.0-1 /XML {file}"]);
        File.Exists(file).ShouldBeTrue();
        File.Delete(file);
    }

    [Fact]
    public async Task How_it_ended_is_told_and_reported_also_where_the_scheduler_cannot_be_ended()
    {
        var release = await CompletedAsync();
        var all = release.Channels["all"] = new FakeChannel();
        await RegisterAsync(release, CheckInScheduler.Cron);
        release.Clock.Shift += TimeSpan.FromDays(2);
        programs.Fail("-");

        await Errors.OfAsync(() => CheckInAsync(release), "SchedulerFailed");
        var told = all.Taken.Count(notice => notice.Title.Contains("was looked after to the end", StringComparison.Ordinal));
        (await File.ReadAllTextAsync(Path.Combine(release.Folder, "report.html"), TestContext.Current.CancellationToken)).ShouldContain("It has come to its end");
        await Errors.OfAsync(() => CheckInAsync(release), "SchedulerFailed");
        programs.Fail(null);
        await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");

        told.ShouldBe(1);
        programs.Crontab.ShouldBe("");
        (await release.RecordsAsync()).Count(record => record is { Kind: JournalKind.CheckIn, Target: CheckInRunner.Target }).ShouldBe(1);
        all.Taken.Count(notice => notice.Title.Contains("was looked after to the end", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task That_a_later_release_took_over_is_told_once_also_where_the_scheduler_cannot_be_ended()
    {
        var release = await CompletedAsync();
        await RegisterAsync(release, CheckInScheduler.Cron);
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Succeeded);
        programs.Fail("-");

        await Errors.OfAsync(() => CheckInAsync(release), "SchedulerFailed");
        await Errors.OfAsync(() => CheckInAsync(release), "SchedulerFailed");
        programs.Fail(null);
        await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");

        release.Channels["all"].Taken.Where(notice => notice.Title.Contains("was looked after", StringComparison.Ordinal)).ShouldHaveSingleItem()
            .Title.ShouldEndWith("was looked after until shop-2.5.0-1 took over; no check-in was made");
        programs.Crontab.ShouldBe("");
    }

    private CheckInDesk Desk(Release release) => new(release.Ports(), reporter);

    private async Task<ExtendedCheckIn> CheckInAsync(Release release) => await Desk(release).CheckInAsync(await release.WindowAsync(), CancellationToken.None);

    private async Task<ExtendedMonitoring> RegisterAsync(Release release, CheckInScheduler scheduler, CancellationToken cancellationToken = default)
    {
        var (planned, schedule) = await Desk(release).PlanAsync(await release.WindowAsync(), Order(scheduler));

        return await Desk(release).RegisterAsync(planned, schedule, cancellationToken);
    }

    private static CheckInOrder Order(CheckInScheduler scheduler) =>
        new() { Scheduler = scheduler, Command = new CheckInCommandLine(["pwsh", "check-in.ps1", "-Id", "shop-2.4.0-1"], new Dictionary<string, string>()) };

    // As a run leaves it that is killed before the scheduler has begun.
    private async Task BeginAsync(Release release, CheckInScheduler scheduler)
    {
        var (planned, _) = await Desk(release).PlanAsync(await release.WindowAsync(), Order(scheduler));
        await using var session = await WindowSession.OpenAsync(release.Folder, release.Ports());
        await session.CaptureAsync(DeploymentPhase.Completion, CheckInState.CaptureName, new CheckInState(0, session.Now, [], null), "goes on from here");
        await session.CaptureAsync(DeploymentPhase.Completion, CheckInRegistration.CaptureName, planned.Registration!, "about to be installed");
    }

    private async Task<Release> CompletedAsync()
    {
        var release = opened = await Release.OpenAsync(more: More, faster: 1);
        release.Channels["all"] = new FakeChannel();
        foreach (var phase in new[] { DeploymentPhase.Rollout, DeploymentPhase.Monitoring, DeploymentPhase.Completion })
        {
            await release.EndPhaseAsync(phase, PhaseOutcome.Succeeded);
        }

        return release;
    }
}

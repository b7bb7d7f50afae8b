using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Windows;

public sealed class WindowStopperTests : IDisposable
{
    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task Who_stops_a_window_whose_changes_stand_is_told_how_to_go_back()
    {
        opened = await Release.OpenAsync();
        (await opened.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        var (state, warnings) = await StopAsync(opened);

        state.ShouldBe(WindowState.Stopped);
        warnings.ShouldHaveSingleItem().ShouldBe(
            "shop-2.4.0-1 is stopped, and what it changed stands: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, "
            + "no database was migrated; nothing went back. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback");
    }

    [Fact]
    public async Task One_that_could_not_go_back_is_taken_as_it_stands_and_may_still_go_back()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'");
        await release.RunAsync(new RolloutPhase());
        release.Shop.BeforeAct = (act, _) => act.StartsWith("weights", StringComparison.Ordinal) ? throw new DeployOpsException("RouterConfigurationNotWritten", FaultKind.Failed, "the disk is full") : Task.CompletedTask;
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RollbackFailed);

        var (state, warnings) = await StopAsync(release);
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;

        state.ShouldBe(WindowState.Stopped);
        warnings.ShouldHaveSingleItem().ShouldContain("what it changed stands");
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
    }

    [Fact]
    public async Task Where_nothing_was_changed_nothing_is_said()
    {
        opened = await Release.OpenAsync();

        var (state, warnings) = await StopAsync(opened);

        state.ShouldBe(WindowState.Stopped);
        warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Asked_again_after_the_owner_did_not_give_way_it_waits_again()
    {
        var release = opened = await Release.OpenAsync(faster: 100);
        var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "executor", TimeSpan.Zero, release.Clock, CancellationToken.None);
        var requests = (await release.RecordsAsync()).Count;

        var first = await Errors.OfAsync(() => StopAsync(release), "WindowNotStopped");
        var again = await new WindowStopper(release.Ports(), new ScriptedReporter { OnProgress = held.Dispose }).StopAsync(await release.WindowAsync(), "postponed", CancellationToken.None);

        first.Command.ShouldStartWith("Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Lost -Epoch 1 ");
        again.State.ShouldBe(WindowState.Stopped);
        (await release.RecordsAsync()).Count.ShouldBe(requests + 1);
    }

    [Fact]
    public async Task Who_declared_an_owner_lost_and_did_not_live_to_write_it_does_so_by_the_same_command()
    {
        var release = opened = await Release.OpenAsync();
        var hanging = await WindowSession.OpenAsync(release.Folder, release.Ports());
        await hanging.TakeLockAsync("executor", TimeSpan.Zero, CancellationToken.None);
        await release.DeclareLostAsync();

        await DeclareLostAsync(release, 1);
        await DeclareLostAsync(release, 1);

        var told = (await release.RecordsAsync()).Where(record => record.Kind == JournalKind.LockLost).ShouldHaveSingleItem();
        (told.Epoch, told.Message).ShouldBe((2, "executor declared epoch 1 lost: it hangs"));
        await hanging.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_owner_writes_nothing_though_its_journal_does_not_say_so_yet()
    {
        var release = opened = await Release.OpenAsync();
        await using var hanging = await WindowSession.OpenAsync(release.Folder, release.Ports());
        await hanging.TakeLockAsync("executor", TimeSpan.Zero, CancellationToken.None);
        await release.DeclareLostAsync();
        var records = (await release.RecordsAsync()).Count;

        await Errors.OfAsync(() => hanging.AppendAsync(new JournalEntry(JournalKind.Outcome, "done")), "EpochStale");

        (await release.RecordsAsync()).Count.ShouldBe(records);
    }

    [Fact]
    public async Task An_owner_is_declared_lost_in_the_window_it_works_in()
    {
        var release = opened = await Release.OpenAsync();
        await using var hanging = await WindowSession.OpenAsync(release.Folder, release.Ports());
        await hanging.TakeLockAsync("executor", TimeSpan.Zero, CancellationToken.None);
        var earlier = Path.Combine(Path.GetDirectoryName(release.Folder)!, "shop-2.3.0-1");
        Directory.CreateDirectory(earlier);
        await File.WriteAllLinesAsync(Path.Combine(earlier, JournalFile.FileName), (await File.ReadAllLinesAsync(release.Journal().Path)).Take(1));
        var window = (await release.WindowAsync()) with { Id = "shop-2.3.0-1", Folder = earlier };

        var error = await Errors.OfAsync(() => new WindowStopper(release.Ports(), new SilentReporter()).DeclareLostAsync(window, 1, "it hangs", CancellationToken.None), "EpochOfAnotherWindow");

        error.Message.ShouldBe("The owner of epoch 1 works in shop-2.4.0-1, not in shop-2.3.0-1, whose log would not tell of it. Where it is lost:");
        error.Command.ShouldStartWith("Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Lost -Epoch 1 ");
        EnvironmentLock.PresentEpoch(release.EnvironmentFolder).ShouldBe(1);
    }

    [Fact]
    public async Task Stopped_again_it_says_what_a_run_that_was_killed_did_not()
    {
        opened = await Release.OpenAsync();
        await opened.RunAsync(new RolloutPhase());
        var (_, told) = await StopAsync(opened);
        var records = (await opened.RecordsAsync()).Count;

        var (state, warnings) = await StopAsync(opened);

        state.ShouldBe(WindowState.Stopped);
        warnings.ShouldBe(told);
        warnings.ShouldHaveSingleItem();
        (await opened.RecordsAsync()).Count.ShouldBe(records);
    }

    [Fact]
    public async Task A_window_that_is_complete_is_not_stopped_and_the_way_back_is_told()
    {
        opened = await Release.OpenAsync();
        await opened.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);

        var error = await Errors.OfAsync(() => StopAsync(opened), "WindowNotOpen");

        error.Message.ShouldContain("shop-2.4.0-1 is not open but Completed; there is nothing to stop.");
        error.Command.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback");
    }

    [Fact]
    public async Task Of_one_that_went_back_it_is_told_how_to_see_what_was_done()
    {
        opened = await Release.OpenAsync();
        await opened.GoBackAsync();

        (await Errors.OfAsync(() => StopAsync(opened), "WindowNotOpen")).Command.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog");
    }

    private static Task<DeploymentWindow> DeclareLostAsync(Release release, long epoch) => Task.Run(async () =>
        await new WindowStopper(release.Ports(), new SilentReporter()).DeclareLostAsync(await release.WindowAsync(), epoch, "it hangs", CancellationToken.None));

    private static async Task<(WindowState State, IReadOnlyList<string> Warnings)> StopAsync(Release release)
    {
        var reporter = new ScriptedReporter();
        var window = await new WindowStopper(release.Ports(), reporter).StopAsync(await release.WindowAsync(), "postponed", CancellationToken.None);
        return (window.State, reporter.Warnings);
    }
}

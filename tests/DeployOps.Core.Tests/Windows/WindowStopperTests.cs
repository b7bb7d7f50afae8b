using DeployOps.Core.Tests.Support;
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

    private static async Task<(WindowState State, IReadOnlyList<string> Warnings)> StopAsync(Release release)
    {
        var reporter = new ScriptedReporter();
        var window = await new WindowStopper(release.Ports(), reporter).StopAsync(await release.WindowAsync(), "postponed", CancellationToken.None);
        return (window.State, reporter.Warnings);
    }
}

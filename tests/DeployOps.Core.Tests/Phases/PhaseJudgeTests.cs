using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases;

/// <summary>Phases that judge act on nothing until they go back, and give way to whoever acts.</summary>
public sealed class PhaseJudgeTests : PhaseRunnerFrame
{
    [Fact]
    public async Task A_verdict_that_comes_with_Ctrl_C_stands_and_nothing_goes_back_by_itself()
    {
        var release = await OpenAsync();
        await release.RunAsync(new RolloutPhase());
        using var cancel = new CancellationTokenSource();
        var judge = new FakePhase(
            DeploymentPhase.Smoke,
            async _ =>
            {
                await cancel.CancelAsync();
                return PhaseOutcome.Failed;
            },
            acts: false);

        var ending = await release.RunAsync(judge, cancellationToken: cancel.Token);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Error!.Message.ShouldContain("It did not go back: Ctrl+C came before it.");
        ending.Result.Window!.State.ShouldBe(WindowState.Open);
        (await release.FactsAsync()).Phase(DeploymentPhase.Rollback).ShouldBeNull();
        release.Shop.Green.Weight.ShouldBe(100);
    }

    [Fact]
    public async Task A_judge_holds_no_lock_until_it_goes_back()
    {
        var release = await OpenAsync();
        await release.RunAsync(new RolloutPhase());
        LockOwner? during = null;

        var ending = await release.RunAsync(new FakePhase(
            DeploymentPhase.Smoke,
            _ =>
            {
                during = EnvironmentLock.Holder(release.EnvironmentFolder);
                return Task.FromResult(PhaseOutcome.Failed);
            },
            acts: false));

        during.ShouldBeNull();
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Blue.Weight.ShouldBe(100);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task A_judge_that_fails_while_another_terminal_goes_back_gives_way()
    {
        var release = await OpenAsync();
        await release.RunAsync(new RolloutPhase());
        release.Shop.Forget();

        var ending = await release.RunAsync(new FakePhase(
            DeploymentPhase.Smoke,
            async _ =>
            {
                (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
                return PhaseOutcome.Failed;
            },
            acts: false));

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        ending.Result.Window!.State.ShouldBe(WindowState.RolledBack);
        (await release.RecordsAsync()).Count(record => record is { Kind: JournalKind.PhaseStarted, Phase: DeploymentPhase.Rollback }).ShouldBe(1);
    }

    [Fact]
    public async Task A_judge_that_cannot_go_back_since_another_terminal_acts_says_that_it_failed()
    {
        var release = await OpenAsync();
        using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, Fails, acts: false), deviation: "the rollout runs");

        ending.Error!.ErrorId.ShouldBe("SmokeFailed");
        ending.Error.Message.ShouldContain("observer");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        (await release.FactsAsync()).Phase(DeploymentPhase.Smoke)!.Outcome.ShouldBe(PhaseOutcome.Failed);
    }

    [Fact]
    public async Task A_judge_that_cannot_tell_who_holds_the_environment_says_that_it_failed()
    {
        var release = await OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(release.EnvironmentFolder, "environment.json"), "{", TestContext.Current.CancellationToken);

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, Fails, acts: false), deviation: "the rollout runs");

        ending.Error!.ErrorId.ShouldBe("SmokeFailed");
        ending.Error.Message.ShouldContain("It did not go back by itself: ");
        ending.Error.Message.ShouldContain("environment.json is not what DeployOps wrote");
        (await release.FactsAsync()).Phase(DeploymentPhase.Smoke)!.Outcome.ShouldBe(PhaseOutcome.Failed);
    }

    [Fact]
    public async Task A_judge_that_is_cancelled_while_it_waits_for_the_environment_says_that_it_failed()
    {
        var release = await OpenAsync(faster: 1);
        using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var judge = new FakePhase(
            DeploymentPhase.Smoke,
            _ =>
            {
                cancel.CancelAfter(TimeSpan.FromMilliseconds(300));
                return Task.FromResult(PhaseOutcome.Failed);
            },
            acts: false);

        var ending = await release.RunAsync(judge, deviation: "the rollout runs", cancellationToken: cancel.Token);

        ending.Error!.ErrorId.ShouldBe("SmokeFailed");
        ending.Error.Message.ShouldContain("It did not go back: Ctrl+C came before it.");
        (await release.FactsAsync()).Phase(DeploymentPhase.Smoke)!.Outcome.ShouldBe(PhaseOutcome.Failed);
    }
}

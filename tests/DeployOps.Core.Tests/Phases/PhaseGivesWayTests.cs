using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases;

/// <summary>What a person says, by Ctrl+C or from another terminal, comes before what a phase would do by itself.</summary>
public sealed class PhaseGivesWayTests : PhaseRunnerFrame
{
    [Theory]
    [InlineData(false, "EnvironmentUnusable")]
    [InlineData(true, "EnvironmentStateInvalid")]
    public async Task Where_it_cannot_be_told_who_holds_the_environment_nothing_goes_back_and_the_same_command_carries_on(bool isGone, string id)
    {
        var release = await OpenAsync();
        var state = Path.Combine(release.EnvironmentFolder, "environment.json");
        FileStream? unreadable = null;
        release.Shop.BeforeAct = (_, _) =>
        {
            if (isGone)
            {
                File.Move(state, state + ".away");
            }
            else
            {
                unreadable = new FileStream(state, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }

            return Task.CompletedTask;
        };

        var ending = await Record.ExceptionAsync(() => release.RunAsync(new RolloutPhase()));
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        unreadable?.Dispose();
        File.Move(isGone ? state + ".away" : state, state);

        ending.ShouldBeOfType<DeployOpsException>().ErrorId.ShouldBe(id);
        ending.Message.ShouldContain(release.EnvironmentFolder);
        (await release.FactsAsync()).Phase(DeploymentPhase.Rollback).ShouldBeNull();
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
    }

    [Fact]
    public async Task A_colleague_who_goes_back_does_not_wait_for_an_answer_on_the_first_ones_screen()
    {
        var release = await OpenAsync(rollback: "When = 'Ask'");
        var reporter = new ScriptedReporter(answer: false)
        {
            WhileAsked = async token =>
            {
                await release.AskToStopAsync(goBack: true);
                await Task.Delay(Patience.Longest, token);
            },
        };

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Fails), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        ending.Error!.Message.ShouldContain("observer asked the window to go back");
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_asks_for_incidents_gives_way_and_says_so()
    {
        var release = await OpenAsync(more: "Health = @{ Incidents = @( @{ Kind = 'GitHub'; Repository = 'example/shop' } ) }");
        release.Incidents = new FakeIncidents
        {
            BeforeAnswer = async token =>
            {
                await release.AskToStopAsync(goBack: true);
                await Task.Delay(Patience.Longest, token);
            },
        };
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);

        await Errors.OfAsync(() => release.RunAsync(phase), "WindowSuperseded");

        phase.Runs.ShouldBe(0);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task Ctrl_C_at_the_question_leaves_the_failed_phase_in_the_log()
    {
        var release = await OpenAsync(rollback: "When = 'Ask'");
        using var cancel = new CancellationTokenSource();
        var reporter = new ScriptedReporter
        {
            WhileAsked = async token =>
            {
                await cancel.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
        };

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Fails), reporter, cancellationToken: cancel.Token);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Error!.Message.ShouldContain("It did not go back: Ctrl+C came at the question.");
        (await release.FactsAsync()).Phase(DeploymentPhase.Rollout)!.Outcome.ShouldBe(PhaseOutcome.Failed);
    }

    [Fact]
    public async Task Cancelled_at_work_it_says_so_and_may_be_run_again()
    {
        var release = await OpenAsync();
        using var cancel = new CancellationTokenSource();

        var ending = await release.RunAsync(
            new FakePhase(DeploymentPhase.Rollout, async context =>
            {
                await cancel.CancelAsync();
                context.Token.ThrowIfCancellationRequested();
                return PhaseOutcome.Succeeded;
            }),
            cancellationToken: cancel.Token);
        var again = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds));

        ending.Error!.ErrorId.ShouldBe("Cancelled");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Cancelled);
        again.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
    }

    [Fact]
    public async Task What_fails_since_it_was_cancelled_is_cancelled_goes_nowhere_and_is_carried_on()
    {
        var release = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        release.Shop.BeforeAct = async (act, _) =>
        {
            if (act == "deploy green-1 2.4.0")
            {
                await cancel.CancelAsync();
                throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 130.");
            }
        };

        var ending = await release.RunAsync(new RolloutPhase(), cancellationToken: cancel.Token);
        var facts = await release.FactsAsync();
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        var again = await release.RunAsync(new RolloutPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Cancelled);
        ending.Error!.ErrorId.ShouldBe("Cancelled");
        ending.Error.Message.ShouldContain("It ended with: deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 130.");
        facts.Step("deploy/green-1")!.State.ShouldBe(StepState.Intended);
        facts.Phase(DeploymentPhase.Rollback).ShouldBeNull();
        facts.State.ShouldBe(WindowState.Open);
        again.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
    }

    [Theory]
    [InlineData(false, WindowState.Stopped)]
    [InlineData(true, WindowState.RollingBack)]
    public async Task A_phase_that_acts_and_fails_while_a_person_decides_leaves_it_to_the_person(bool goBack, WindowState state)
    {
        var release = await OpenAsync();
        release.Shop.BeforeAct = async (act, _) =>
        {
            if (act.StartsWith("weights", StringComparison.Ordinal))
            {
                await release.AskToStopAsync(goBack);
                throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "The router does not answer.");
            }
        };

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        ending.Result.Window!.State.ShouldBe(state);
        (await release.FactsAsync()).Phase(DeploymentPhase.Rollback).ShouldBeNull();
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0"]);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task Who_stops_the_window_while_another_is_asked_whether_to_go_back_is_heeded_whatever_the_answer()
    {
        var release = await OpenAsync(rollback: "When = 'Ask'");
        var reporter = new ScriptedReporter(answer: true) { WhileAsked = _ => release.AskToStopAsync() };

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Fails), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        ending.Result.Window!.State.ShouldBe(WindowState.Stopped);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_for_a_moment_is_no_request()
    {
        var release = await OpenAsync(faster: 1);
        var path = release.Journal().Path;

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, async context =>
        {
            File.Move(path, $"{path}.away");
            await UntilAsync(() => context.Session.Unseen is not null);
            File.Move($"{path}.away", path);
            await UntilAsync(() => context.Session.Unseen is null);
            context.Token.ThrowIfCancellationRequested();
            return PhaseOutcome.Succeeded;
        }));

        ending.Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_log_that_stays_unreadable_ends_the_work_by_its_own_cause_and_nothing_goes_back()
    {
        var release = await OpenAsync();
        var path = release.Journal().Path;

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, async context =>
        {
            File.Move(path, $"{path}.away");
            await UntilAsync(() => context.Token.IsCancellationRequested);
            File.Move($"{path}.away", path);
            context.Token.ThrowIfCancellationRequested();
            return PhaseOutcome.Succeeded;
        }));

        ending.Error!.ErrorId.ShouldBe("RequestsUnreadable");
        ending.Error.Message.ShouldContain($"so the work was ended: The journal {path} could not be read: Could not find file");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Inconclusive);
        ending.Result.Window!.State.ShouldBe(WindowState.Open);
    }

    [Fact]
    public async Task Cancelled_before_any_work_nothing_is_written()
    {
        var release = await OpenAsync();
        var runner = new PhaseRunner(release.Ports(), new SilentReporter());
        var prepared = await runner.PrepareAsync(await release.WindowAsync(), new FakePhase(DeploymentPhase.Rollout, Succeeds), CancellationToken.None);
        var before = (await release.RecordsAsync()).Count;
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => runner.RunAsync(prepared, cancel.Token));

        (await release.RecordsAsync()).Count.ShouldBe(before);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task A_request_from_another_terminal_ends_it_as_superseded_and_lets_the_lock_go()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, async context =>
        {
            await release.AskToStopAsync();
            await Task.Delay(Patience.Longest, context.Token);
            return PhaseOutcome.Succeeded;
        }));

        ending.Error!.ErrorId.ShouldBe("WindowSuperseded");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        ending.Result.Window!.State.ShouldBe(WindowState.Stopped);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }
}

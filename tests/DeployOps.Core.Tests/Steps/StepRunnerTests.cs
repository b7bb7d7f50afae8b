using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Steps;

public sealed class StepRunnerTests : IAsyncLifetime
{
    private readonly List<string> acts = [];
    private Release release = null!;
    private WindowSession session = null!;

    public async ValueTask InitializeAsync()
    {
        release = await Release.OpenAsync();
        session = await WindowSession.OpenAsync(release.Folder, release.Ports());
        await session.TakeLockAsync("executor", TimeSpan.Zero, CancellationToken.None);
        session.StartHeeding();
    }

    [Fact]
    public async Task The_intent_is_on_the_disk_before_the_effect_and_the_outcome_after_it()
    {
        StepState? during = null;
        var step = new FakeStep("deploy/green-1", acts) { Doing = async _ => during = (await release.FactsAsync()).Step("deploy/green-1")?.State };

        await RunAsync(step);

        during.ShouldBe(StepState.Intended);
        var facts = (await release.FactsAsync()).Step("deploy/green-1")!;
        facts.State.ShouldBe(StepState.Done);
        facts.Change.ShouldBe("deploy/green-1: old -> new");
        (await release.RecordsAsync())[^1].Message.ShouldBe("deploy/green-1 is new");
    }

    [Fact]
    public async Task What_is_done_is_not_done_again()
    {
        await RunAsync(new FakeStep("a", acts), new FakeStep("b", acts));

        await RunAsync(new FakeStep("a", acts), new FakeStep("b", acts), new FakeStep("c", acts));

        acts.ShouldBe(["do a", "do b", "do c"]);
    }

    [Fact]
    public async Task What_was_begun_and_is_found_in_effect_is_not_done_again()
    {
        await IntendAsync("a");

        await RunAsync(new FakeStep("a", acts) { InEffect = GateVerdict.Pass });

        acts.ShouldBe(["probe a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Done);
    }

    [Fact]
    public async Task What_was_begun_and_is_not_in_effect_is_done()
    {
        await IntendAsync("a");

        await RunAsync(new FakeStep("a", acts) { InEffect = GateVerdict.Fail });

        acts.ShouldBe(["probe a", "do a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Done);
    }

    [Fact]
    public async Task What_was_begun_and_cannot_be_told_is_refused()
    {
        await IntendAsync("a");

        await Errors.OfAsync(() => RunAsync(new FakeStep("a", acts) { InEffect = GateVerdict.Unknown }), "StepStateUnknown");

        acts.ShouldBe(["probe a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Intended);
        (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.Gate && record.Message.StartsWith("Unknown: probe of a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_begun_and_cannot_be_asked_is_refused_as_what_cannot_be_told(bool isKnown)
    {
        await IntendAsync("a");
        var step = new FakeStep("a", acts) { Probing = () => throw (isKnown ? new DeployOpsException("RouterUnreachable", FaultKind.Failed, "the router does not answer", "See that it runs.") : new InvalidDataException("the router does not answer")) };

        var error = await Errors.OfAsync(() => RunAsync(step), "StepStateUnknown");

        error.Fact.ShouldBe("An earlier run began 'a: old -> new' and did not see it end, and now it cannot be told: the router does not answer.");
        error.NextStep.ShouldBe(isKnown ? "See that it runs." : "See that what is asked for it answers.");
        acts.ShouldBe(["probe a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Intended);
        (await release.RecordsAsync())[^1].Message.ShouldBe("Unknown: probe of a: the router does not answer");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Taken_over_between_an_intent_and_its_effect_it_has_no_effect(bool isUndo)
    {
        var step = new FakeStep("a", acts);
        var runner = new StepRunner(session, new ScriptedReporter { OnProgress = DeclareLostAtTheNextRecord });
        if (isUndo)
        {
            DeclareLostAtTheNextRecord();
        }

        await Errors.OfAsync(() => isUndo ? runner.UndoAsync(step, CancellationToken.None) : runner.RunAsync([step], CancellationToken.None), "EpochStale");

        acts.ShouldBeEmpty();
        (await release.RecordsAsync())[^1].Kind.ShouldBe(JournalKind.Intent);
    }

    [Fact]
    public async Task A_step_that_fails_while_it_is_cancelled_stays_begun()
    {
        using var cancel = new CancellationTokenSource();
        var step = new FakeStep("a", acts)
        {
            Doing = async _ =>
            {
                await cancel.CancelAsync();
                throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "exit 130");
            },
        };

        var error = await Record.ExceptionAsync(() => Runner().RunAsync([step], cancel.Token));

        error.ShouldBeOfType<OperationCanceledException>().InnerException!.Message.ShouldBe("exit 130");
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Intended);
    }

    [Fact]
    public async Task A_failure_is_journaled_and_ends_the_run()
    {
        var bad = new FakeStep("a", acts) { Doing = _ => throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "exit 3") };

        await Errors.OfAsync(() => RunAsync(bad, new FakeStep("b", acts)), "DeployScriptFailed");

        acts.ShouldBe(["do a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Failed);
        (await release.RecordsAsync())[^1].Read<StepRecord>().Evidence.ShouldBe("exit 3");
    }

    [Fact]
    public async Task What_failed_is_done_again_without_being_asked()
    {
        await Should.ThrowAsync<DeployOpsException>(() => RunAsync(new FakeStep("a", acts) { Doing = _ => throw new DeployOpsException("X", FaultKind.Failed, "x") }));

        await RunAsync(new FakeStep("a", acts));

        acts.ShouldBe(["do a", "do a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Done);
    }

    [Fact]
    public async Task A_cancelled_step_stays_begun()
    {
        using var cancel = new CancellationTokenSource();
        var step = new FakeStep("a", acts)
        {
            Doing = async token =>
            {
                await cancel.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() => Runner().RunAsync([step, new FakeStep("b", acts)], cancel.Token));

        acts.ShouldBe(["do a"]);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Intended);
    }

    [Fact]
    public async Task A_time_limit_within_a_step_is_a_failure_and_no_cancellation()
    {
        await Should.ThrowAsync<TaskCanceledException>(() => RunAsync(new FakeStep("a", acts) { Doing = _ => throw new TaskCanceledException("100 s elapsed") }));

        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Failed);
    }

    [Fact]
    public async Task Cancelled_before_it_began_nothing_is_intended()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => Runner().RunAsync([new FakeStep("a", acts)], cancel.Token));

        acts.ShouldBeEmpty();
        (await release.FactsAsync()).Step("a").ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_from_another_terminal_ends_the_run_before_its_next_effect(bool goBack)
    {
        var first = new FakeStep("a", acts) { Doing = _ => release.AskToStopAsync(goBack) };

        var error = await Errors.OfAsync(() => RunAsync(first, new FakeStep("b", acts)), "WindowSuperseded");

        acts.ShouldBe(["do a"]);
        error.Message.ShouldContain(goBack ? "to go back: users complain" : "to stop: users complain");
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Done);
        (await release.FactsAsync()).Step("b").ShouldBeNull();
    }

    [Fact]
    public async Task A_request_stops_what_waits_within_a_second()
    {
        var waiting = Task.Delay(Patience.Longest, session.Superseded);

        await release.AskToStopAsync();

        await Should.ThrowAsync<TaskCanceledException>(() => waiting);
    }

    [Fact]
    public async Task An_owner_that_was_declared_lost_does_nothing_further()
    {
        var lost = new FakeStep("a", acts) { Doing = _ => EnvironmentLock.DeclareLostAsync(release.EnvironmentFolder, 1, TimeProvider.System, CancellationToken.None) };

        await Errors.OfAsync(() => RunAsync(lost, new FakeStep("b", acts)), "EpochStale");

        acts.ShouldBe(["do a"]);
    }

    [Fact]
    public async Task After_the_windows_end_no_forward_step_begins()
    {
        var first = new FakeStep("a", acts) { Doing = _ => LateAsync() };

        var error = await Errors.OfAsync(() => RunAsync(first, new FakeStep("b", acts)), "WindowExpired");

        acts.ShouldBe(["do a"]);
        (await release.FactsAsync()).Step("b").ShouldBeNull();
        error.Message.ShouldContain("'b: old -> new' was not begun");
        error.Message.ShouldContain($"The window ended at {(await release.WindowAsync()).EndsAt:yyyy-MM-dd HH:mm:ss} UTC");
        error.Command.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout -Deviation 'who agreed and why'");
    }

    [Theory]
    [InlineData(DeploymentPhase.Rollout, true)]
    [InlineData(DeploymentPhase.Migration, false)]
    public async Task A_reason_that_was_written_for_the_phase_lets_its_steps_begin_after_the_windows_end(DeploymentPhase written, bool begins)
    {
        await LateAsync();
        await session.DeviateAsync(written, new DeployOpsException("WindowExpired", FaultKind.InvalidOperation, "it is late"), "ten minutes more were agreed");

        var run = RunAsync(new FakeStep("a", acts));

        await (begins ? run : Errors.OfAsync(() => run, "WindowExpired"));
        acts.Count.ShouldBe(begins ? 1 : 0);
    }

    [Fact]
    public async Task Going_back_knows_no_end_of_the_window()
    {
        await RunAsync(new FakeStep("a", acts));
        await LateAsync();

        await RunAsync(new FakeStep("closed", acts, DeploymentPhase.Rollback));
        await Runner().UndoAsync(new FakeStep("a", acts), CancellationToken.None);

        acts.ShouldBe(["do a", "do closed", "undo a"]);
    }

    [Fact]
    public async Task Taking_back_is_journaled_like_doing()
    {
        await RunAsync(new FakeStep("a", acts));
        StepState? during = null;

        await Runner().UndoAsync(new FakeStep("a", acts) { Doing = async _ => during = (await release.FactsAsync()).Step("a")!.State }, CancellationToken.None);

        during.ShouldBe(StepState.UndoIntended);
        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.Undone);
        acts.ShouldBe(["do a", "undo a"]);
    }

    [Fact]
    public async Task What_cannot_be_taken_back_is_told()
    {
        await RunAsync(new FakeStep("a", acts));

        await Should.ThrowAsync<InvalidDataException>(() => Runner().UndoAsync(new FakeStep("a", acts) { Doing = _ => throw new InvalidDataException("stuck") }, CancellationToken.None));

        (await release.FactsAsync()).Step("a")!.State.ShouldBe(StepState.UndoFailed);
        (await release.RecordsAsync())[^1].Message.ShouldBe("stuck");
    }

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        release.Dispose();
    }

    private Task LateAsync()
    {
        release.Clock.Shift += TimeSpan.FromHours(3);
        return Task.CompletedTask;
    }

    // As where this process is stopped while the record is on its way to the disk.
    private void DeclareLostAtTheNextRecord() => release.Clock.OnNow = () =>
    {
        release.Clock.OnNow = () => { };
        release.DeclareLostAsync().GetAwaiter().GetResult();
    };

    private StepRunner Runner() => new(session, new SilentReporter());

    private Task RunAsync(params IStep[] steps) => Runner().RunAsync(steps, CancellationToken.None);

    private Task IntendAsync(string key) => session.AppendAsync(new JournalEntry(JournalKind.Intent, $"{key}: old -> new")
    {
        Phase = DeploymentPhase.Rollout,
        Target = key,
        Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
    });
}

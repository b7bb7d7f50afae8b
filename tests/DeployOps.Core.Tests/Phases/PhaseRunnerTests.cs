using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases;

public sealed class PhaseRunnerTests : PhaseRunnerFrame
{
    [Fact]
    public async Task A_phase_that_succeeds_is_journaled_and_carries_its_window()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds));

        ending.Error.ShouldBeNull();
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        ending.Result.Window!.Phase.ShouldBe(DeploymentPhase.Rollout);
        ending.Result.Window.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        (await KindsAsync(release)).TakeLast(3).ShouldBe([JournalKind.LockTaken, JournalKind.PhaseStarted, JournalKind.PhaseEnded]);
    }

    [Fact]
    public async Task A_phase_that_succeeded_gives_back_its_recorded_result_and_does_not_run()
    {
        var release = await OpenAsync();
        await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds));
        var before = (await release.RecordsAsync()).Count;
        var again = new FakePhase(DeploymentPhase.Rollout, Fails);

        var prepared = await new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(await release.WindowAsync(), again, CancellationToken.None);

        prepared.IsDone.ShouldBeTrue();
        prepared.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        prepared.Result.Number.ShouldBe(7);
        prepared.Result.Window!.Id.ShouldBe("shop-2.4.0-1");
        again.Runs.ShouldBe(0);
        (await release.RecordsAsync()).Count.ShouldBe(before);
    }

    [Fact]
    public async Task What_is_emitted_holds_no_more_secrets_than_the_journal()
    {
        var release = await OpenAsync(databases: "Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db;Password=hunter22' } )");

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds) { Says = "a row says hunter22" });

        ending.Result.Summary.ShouldBe("a row says ***");
        ending.Result.Number.ShouldBe(7);
        ending.Result.Window!.Outcome.ShouldBe(PhaseOutcome.Succeeded);
    }

    [Fact]
    public async Task Planning_changes_no_byte()
    {
        var release = await OpenAsync();
        var before = await File.ReadAllBytesAsync(release.Journal().Path, TestContext.Current.CancellationToken);
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);

        var prepared = await new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(await release.WindowAsync(), phase, CancellationToken.None);

        prepared.Result.Outcome.ShouldBe(PhaseOutcome.Planned);
        phase.Runs.ShouldBe(0);
        (await File.ReadAllBytesAsync(release.Journal().Path, TestContext.Current.CancellationToken)).ShouldBe(before);
        Directory.EnumerateFiles(release.EnvironmentFolder).Select(Path.GetFileName).ShouldBe(["environment.json"]);
    }

    [Theory]
    [InlineData("WindowStopped")]
    [InlineData("WindowRollingBack")]
    [InlineData("WindowRolledBack")]
    [InlineData("WindowRollbackFailed")]
    [InlineData("WindowCompleted")]
    public async Task A_closed_window_goes_forward_no_more_whatever_anybody_says(string id)
    {
        var release = await OpenAsync();
        await (id switch
        {
            "WindowStopped" => release.AskToStopAsync(),
            "WindowRollingBack" => release.AskToStopAsync(goBack: true),
            "WindowRolledBack" => release.EndPhaseAsync(DeploymentPhase.Rollback, PhaseOutcome.RolledBack),
            "WindowRollbackFailed" => release.EndPhaseAsync(DeploymentPhase.Rollback, PhaseOutcome.RollbackFailed),
            _ => release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded),
        });
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);

        await Errors.OfAsync(() => release.RunAsync(phase, deviation: "we want to"), id);

        phase.Runs.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_between_planning_and_running_is_heeded()
    {
        var release = await OpenAsync();
        var runner = new PhaseRunner(release.Ports(), new SilentReporter());
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);
        var prepared = await runner.PrepareAsync(await release.WindowAsync(), phase, CancellationToken.None);
        await release.AskToStopAsync();

        await Errors.OfAsync(() => runner.RunAsync(prepared, CancellationToken.None), "WindowStopped");

        phase.Runs.ShouldBe(0);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task A_phase_waits_for_the_one_before_it_or_for_a_reason()
    {
        var release = await OpenAsync(databases: Release.Database);
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);

        var refused = await Errors.OfAsync(() => release.RunAsync(phase), "PhaseOutOfOrder");
        var ending = await release.RunAsync(phase, deviation: "the schema is there already");

        refused.Message.ShouldContain("Migration has not ended");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var deviation = (await release.RecordsAsync()).Single(record => record.Kind == JournalKind.Deviation);
        deviation.Target.ShouldBe("PhaseOutOfOrder");
        deviation.Message.ShouldStartWith("the schema is there already (against PhaseOutOfOrder: Migration has not ended, and Rollout comes after that.");
    }

    [Fact]
    public async Task After_the_windows_end_nothing_begins_without_a_reason()
    {
        var release = await OpenAsync(duration: TimeSpan.FromSeconds(-1));
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds);

        await Errors.OfAsync(() => release.RunAsync(phase), "WindowExpired");
        await release.RunAsync(phase, deviation: "ten minutes more were agreed");

        phase.Runs.ShouldBe(1);
        (await release.RecordsAsync()).Single(record => record.Kind == JournalKind.Deviation).Target.ShouldBe("WindowExpired");
    }

    [Fact]
    public async Task A_window_that_ends_between_two_steps_is_left_to_a_person()
    {
        var release = await OpenAsync();
        release.Shop.BeforeAct = (act, _) => EndTheWindow(release, act);

        var ending = await release.RunAsync(new RolloutPhase());
        var decided = await release.RunAsync(new RolloutPhase(), deviation: "ten minutes more were agreed");

        ending.Error!.ErrorId.ShouldBe("WindowExpired");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Inconclusive);
        ending.Result.Window!.State.ShouldBe(WindowState.Open);
        decided.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "weights blue-1 0, green-1 100"]);
    }

    [Fact]
    public async Task A_reason_that_was_given_before_the_windows_end_is_written_when_it_has_come()
    {
        var release = await OpenAsync();
        release.Shop.BeforeAct = (act, _) => EndTheWindow(release, act);

        var ending = await release.RunAsync(new RolloutPhase(), deviation: "it may take longer");

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var records = await release.RecordsAsync();
        var deviation = records.Single(record => record.Kind == JournalKind.Deviation);
        deviation.Target.ShouldBe("WindowExpired");
        deviation.Phase.ShouldBe(DeploymentPhase.Rollout);
        deviation.Message.ShouldStartWith("it may take longer (against WindowExpired: ");
        records.Single(record => record is { Kind: JournalKind.Intent, Target: "traffic" }).Seq.ShouldBe(deviation.Seq + 1);
    }

    [Fact]
    public async Task No_script_of_a_migration_begins_after_the_windows_end()
    {
        var release = await OpenAsync(databases: Release.Database);
        release.ShopDatabase.BeforeAct = act => release.Clock.Shift += act == "apply V1__orders.sql" ? TimeSpan.FromHours(3) : TimeSpan.Zero;

        var ending = await release.RunAsync(new MigrationPhase());

        ending.Error!.ErrorId.ShouldBe("WindowExpired");
        ending.Error.Message.ShouldContain("'shop: V2__notes.sql' was not begun");
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql"]);
    }

    [Fact]
    public async Task Two_phases_do_not_act_at_once()
    {
        var release = await OpenAsync();
        using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);

        var error = await Errors.OfAsync(() => release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds)), "EnvironmentBusy");

        error.Message.ShouldContain("observer");
    }

    [Theory]
    [InlineData("Automatic", null, true)]
    [InlineData("Never", true, false)]
    [InlineData("Ask", true, true)]
    [InlineData("Ask", false, false)]
    [InlineData("Ask", null, true)]
    public async Task A_phase_that_fails_goes_back_as_the_plan_says(string when, bool? answer, bool goesBack)
    {
        var release = await OpenAsync(rollback: $"When = '{when}'");
        var reporter = new ScriptedReporter(answer);

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Fails), reporter);

        ending.Error!.ErrorId.ShouldBe("RolloutFailed");
        ending.Error.Target.ShouldBe(ending.Result);
        ending.Result.Outcome.ShouldBe(goesBack ? PhaseOutcome.RolledBack : PhaseOutcome.Failed);
        ending.Result.Window!.State.ShouldBe(goesBack ? WindowState.RolledBack : WindowState.Open);
        reporter.Questions.Count.ShouldBe(when == "Ask" ? 1 : 0);
        reporter.Proposals.ShouldBe(reporter.Questions);
        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task A_phase_that_throws_goes_back_and_reports_what_it_met()
    {
        var release = await OpenAsync();

        var known = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, _ => throw new DeployOpsException("InstanceUnhealthy", FaultKind.Failed, "green-1 is ill")));

        known.Error!.ErrorId.ShouldBe("InstanceUnhealthy");
        known.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        known.Result.Summary.ShouldContain("green-1 is ill");
    }

    [Fact]
    public async Task What_nobody_expected_counts_as_failed()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, _ => throw new InvalidDataException("odd")));

        ending.Error!.ErrorId.ShouldBe("UnexpectedFailure");
        ending.Error.Message.ShouldContain("InvalidDataException: odd");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
    }

    [Fact]
    public async Task Missing_evidence_is_no_success_and_goes_nowhere()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, _ => Task.FromResult(PhaseOutcome.Inconclusive)));

        ending.Error!.ErrorId.ShouldBe("EvidenceMissing");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Inconclusive);
        ending.Result.Window!.State.ShouldBe(WindowState.Open);
    }

    [Fact]
    public async Task A_preparation_that_fails_goes_nowhere_since_nothing_was_changed()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Migration, Succeeds));
        ending.Error.ShouldBeNull();
        await release.EndPhaseAsync(DeploymentPhase.Preparation, PhaseOutcome.Failed);
        var failed = await release.RunAsync(new FakePhase(DeploymentPhase.Preparation, Fails));

        failed.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        failed.Result.Window!.State.ShouldBe(WindowState.Open);
    }

    private static Task EndTheWindow(Release release, string act)
    {
        release.Clock.Shift += act.StartsWith("deploy", StringComparison.Ordinal) ? TimeSpan.FromHours(3) : TimeSpan.Zero;
        return Task.CompletedTask;
    }

    private static async Task<IEnumerable<JournalKind>> KindsAsync(Release release) => (await release.RecordsAsync()).Select(record => record.Kind);
}

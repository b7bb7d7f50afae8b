using DeployOps.Core.Tests.Reports;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Windows;

public class WindowFactsTests
{
    private readonly SampleJournal journal = new SampleJournal().Open();

    [Fact]
    public void A_window_is_open_when_its_first_record_is_there()
    {
        journal.Facts.State.ShouldBe(WindowState.Open);
        journal.Facts.StartedAt.ShouldBe(SampleJournal.Start);
        WindowFacts.Fold([]).ShouldBeNull();
    }

    [Fact]
    public void A_request_to_stop_closes_it()
    {
        Ask(goBack: false);

        journal.Facts.State.ShouldBe(WindowState.Stopped);
        journal.Facts.Stop!.Value.Request.GoBack.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Intended Failed!", true)]
    [InlineData("Intended Failed", false)]
    [InlineData("Intended Failed Intended Failed!", false)]
    [InlineData("Intended Failed! Intended Failed!", true)]
    [InlineData("Intended Failed! Intended Failed! Intended Failed", false)]
    [InlineData("Intended Intended Failed!", false)]
    [InlineData("Intended Failed Intended Failed! Intended Failed!", false)]
    [InlineData("Intended Failed Intended Done UndoIntended Undone Intended Failed!", true)]
    public void A_step_that_failed_and_touched_nothing_leaves_what_was_there_where_that_is_known(string records, bool isAsBefore)
    {
        foreach (var record in records.Split(' '))
        {
            var state = Enum.Parse<StepState>(record.TrimEnd('!'));
            journal.Outcome(DeploymentPhase.Rollback, "restore/shop", "", state, leftAsBefore: record.EndsWith('!'));
        }

        journal.Facts.Step("restore/shop")!.LeftAsBefore.ShouldBe(isAsBefore);
    }

    [Fact]
    public void A_request_to_go_back_begins_going_back()
    {
        Ask(goBack: true);

        journal.Facts.State.ShouldBe(WindowState.RollingBack);
    }

    [Fact]
    public void A_request_to_stop_takes_back_no_request_to_go_back()
    {
        Ask(goBack: true);
        Ask(goBack: false);

        journal.Facts.State.ShouldBe(WindowState.RollingBack);
    }

    [Theory]
    [InlineData(PhaseOutcome.RolledBack, WindowState.RolledBack)]
    [InlineData(PhaseOutcome.RollbackFailed, WindowState.RollbackFailed)]
    [InlineData(PhaseOutcome.Cancelled, WindowState.RollingBack)]
    public void Going_back_ends_as_its_record_says(PhaseOutcome outcome, WindowState expected)
    {
        journal.Begin(DeploymentPhase.Rollback);
        journal.Facts.State.ShouldBe(WindowState.RollingBack);

        journal.End(Back(outcome));

        journal.Facts.State.ShouldBe(expected);
    }

    [Fact]
    public void Going_back_that_failed_may_be_tried_again()
    {
        journal.Begin(DeploymentPhase.Rollback).End(Back(PhaseOutcome.RollbackFailed));
        journal.Begin(DeploymentPhase.Rollback);
        journal.Facts.State.ShouldBe(WindowState.RollingBack);

        journal.End(Back(PhaseOutcome.RolledBack));

        journal.Facts.State.ShouldBe(WindowState.RolledBack);
    }

    [Fact]
    public void A_phase_that_went_back_leaves_the_window_rolled_back()
    {
        journal.Begin(DeploymentPhase.Rollout);
        journal.Begin(DeploymentPhase.Rollback).End(Back(PhaseOutcome.RolledBack));
        journal.End(new RolloutResult { Outcome = PhaseOutcome.RolledBack, Summary = "went back" });

        journal.Facts.State.ShouldBe(WindowState.RolledBack);
        journal.Facts.Phase(DeploymentPhase.Rollout)!.Outcome.ShouldBe(PhaseOutcome.RolledBack);
    }

    [Fact]
    public void The_completion_completes_it_and_only_where_it_succeeded()
    {
        journal.Begin(DeploymentPhase.Completion).End(new DeployOps.Reports.CompletionResult { Outcome = PhaseOutcome.Failed, Summary = "no" });
        journal.Facts.State.ShouldBe(WindowState.Open);

        journal.Begin(DeploymentPhase.Completion).End(new DeployOps.Reports.CompletionResult { Outcome = PhaseOutcome.Succeeded, Summary = "yes" });

        journal.Facts.State.ShouldBe(WindowState.Completed);
    }

    [Fact]
    public void A_complete_window_may_still_go_back()
    {
        journal.Begin(DeploymentPhase.Completion).End(new DeployOps.Reports.CompletionResult { Outcome = PhaseOutcome.Succeeded, Summary = "yes" });
        Ask(goBack: false);
        journal.Facts.State.ShouldBe(WindowState.Completed);

        Ask(goBack: true);
        journal.Begin(DeploymentPhase.Rollback).End(Back(PhaseOutcome.RolledBack));

        journal.Facts.State.ShouldBe(WindowState.RolledBack);
    }

    [Fact]
    public void A_phase_that_is_tried_again_keeps_its_begin_and_forgets_its_outcome()
    {
        journal.Begin(DeploymentPhase.Rollout).After(60).End(new RolloutResult { Outcome = PhaseOutcome.Failed, Summary = "no" });
        var began = journal.Facts.Phase(DeploymentPhase.Rollout)!.StartedAt;

        journal.After(60).Begin(DeploymentPhase.Rollout);

        journal.Facts.Phase(DeploymentPhase.Rollout)!.Outcome.ShouldBeNull();
        journal.Facts.Phase(DeploymentPhase.Rollout)!.StartedAt.ShouldBe(began);
        journal.Window.Outcome.ShouldBeNull();
    }

    [Fact]
    public void Steps_stand_in_the_order_in_which_they_first_began_whatever_came_later()
    {
        journal.Intent(DeploymentPhase.Rollout, "b", "b: old -> new").Outcome(DeploymentPhase.Rollout, "b", "no", StepState.Failed);
        journal.Intent(DeploymentPhase.Rollout, "a", "a: old -> new").Outcome(DeploymentPhase.Rollout, "a", "yes");
        journal.Intent(DeploymentPhase.Rollout, "b", "b: old -> new").Outcome(DeploymentPhase.Rollout, "b", "yes");

        journal.Facts.Steps.Select(step => $"{step.Key} {step.State} {step.Change}").ShouldBe(["b Done b: old -> new", "a Done a: old -> new"]);
    }

    [Fact]
    public void Going_back_takes_everything_that_began_in_reverse_and_migrations_only_where_asked()
    {
        journal.Intent(DeploymentPhase.Preparation, "backup/shop", "backup").Outcome(DeploymentPhase.Preparation, "backup/shop", "yes");
        journal.Intent(DeploymentPhase.Migration, "migrate/shop/1", "V1").Outcome(DeploymentPhase.Migration, "migrate/shop/1", "yes");
        journal.Intent(DeploymentPhase.Rollout, "deploy/green-1", "deploy").Outcome(DeploymentPhase.Rollout, "deploy/green-1", "yes");
        journal.Intent(DeploymentPhase.Rollout, "deploy/green-2", "deploy").Outcome(DeploymentPhase.Rollout, "deploy/green-2", "no", StepState.Failed);
        journal.Intent(DeploymentPhase.Rollout, "traffic", "traffic");
        journal.Intent(DeploymentPhase.Completion, "retire/blue-1", "retire").Outcome(DeploymentPhase.Completion, "retire/blue-1", "back", StepState.Undone);

        Keys(DatabaseRollback.Keep).ShouldBe(["traffic", "deploy/green-2", "deploy/green-1"]);
        Keys(DatabaseRollback.Restore).ShouldBe(["traffic", "deploy/green-2", "deploy/green-1"]);
        Keys(DatabaseRollback.Down).ShouldBe(["traffic", "deploy/green-2", "deploy/green-1", "migrate/shop/1"]);
    }

    private static RollbackResult Back(PhaseOutcome outcome) => new() { Outcome = outcome, Summary = "went back" };

    private IEnumerable<string> Keys(DatabaseRollback database) => RollbackPlanner.Plan(journal.Facts, database).Select(step => step.Key);

    private void Ask(bool goBack) => journal.Write(JournalKind.StopRequested, "asks", detail: JournalJson.ToNode(new StopRequest("observer", "users complain", goBack)));
}

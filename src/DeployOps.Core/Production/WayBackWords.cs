using System.Globalization;
using System.Text.Json;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>Whether production went back, and how far.</summary>
internal static class WayBackWords
{
    /// <param name="facts">What the journal tells.</param>
    /// <param name="ended">What going back came to, where that is not in the journal yet.</param>
    internal static string Of(WindowFacts facts, PhaseOutcome? ended) => facts.Phase(DeploymentPhase.Rollback) switch
    {
        null when facts.State == WindowState.RollingBack => "going back was asked for and has not begun",
        null => "nothing went back",
        { } phase => (ended ?? phase.Outcome) switch
        {
            PhaseOutcome.RolledBack => $"it went back{Took(phase)}",
            PhaseOutcome.RollbackFailed => $"going back failed{Left(facts)}",
            PhaseOutcome.Cancelled => $"going back was cancelled{Left(facts)}",
            _ => $"going back was begun and not seen to end{Left(facts)}",
        },
    };

    private static string Took(PhaseFacts phase) =>
        phase.Result?.Deserialize<RollbackResult>(JournalJson.Options) is { TrafficBackAfter: { } after }
            ? string.Create(CultureInfo.InvariantCulture, $", all traffic after {after.TotalSeconds:0.0} s")
            : "";

    // The database's steps count only where they were to be taken back; what happened to each stands with the databases.
    private static string Left(WindowFacts facts)
    {
        var steps = RollbackPlanner.Plan(facts, DatabaseRollback.Keep);
        var done = facts.Steps.Count(step => step.State == StepState.Undone && step.Phase != DeploymentPhase.Rollback);

        return string.Create(CultureInfo.InvariantCulture, $" ({done} step{(done == 1 ? "" : "s")} taken back, {steps.Count} of instances and traffic not)");
    }
}

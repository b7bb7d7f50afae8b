using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Decides what is taken back: everything that began, in the reverse order of what really happened.</summary>
internal static class RollbackPlanner
{
    /// <summary>The steps to take back, in order. Pure.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="database">What happens to the database: only Down takes migration steps back one by one, as far as the point of no return.</param>
    internal static IReadOnlyList<StepFacts> Plan(WindowFacts facts, DatabaseRollback database) =>
    [
        .. facts.Steps
            .Where(step => step.State != StepState.Undone)
            .Where(step => step.Phase is DeploymentPhase.Rollout or DeploymentPhase.Completion || (step.Phase == DeploymentPhase.Migration && database == DatabaseRollback.Down && !PointOfNoReturn.Keeps(facts, step)))
            .Reverse(),
    ];
}

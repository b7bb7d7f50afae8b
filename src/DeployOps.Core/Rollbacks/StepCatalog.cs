using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Finds the step behind a journal's key, built anew from the journal and the plan by which it was begun.</summary>
/// <param name="history">The plans by which steps were begun.</param>
/// <param name="order">Why and how to go back; null where nothing is carried out.</param>
/// <param name="lost">Takes down the instances that are found lost; null where nothing is carried out.</param>
internal sealed class StepCatalog(PlanHistory history, RollbackOrder? order = null, LostInstances? lost = null)
{
    private readonly Dictionary<PhaseContext, Dictionary<string, IStep>> rollouts = new(ReferenceEqualityComparer.Instance);

    /// <summary>The step of a fact.</summary>
    /// <exception cref="DeployOpsException"><c>StepUnknown</c> where the journal names a step this version cannot build.</exception>
    internal IStep Rebuild(StepFacts fact)
    {
        var context = history.Of(fact);
        var step = MigrationStep.DatabaseOf(fact.Key) is null ? Rollout(context).GetValueOrDefault(fact.Key) : MigrationFactory.BegunStep(context, fact.Key);

        return step ?? throw new DeployOpsException(
            "StepUnknown",
            FaultKind.InvalidData,
            $"The journal names the step '{fact.Key}' ({fact.Change}), which this version of DeployOps cannot build.",
            "Go back with the version that made it.");
    }

    private Dictionary<string, IStep> Rollout(PhaseContext context)
    {
        if (!rollouts.TryGetValue(context, out var known))
        {
            rollouts[context] = known = Steps(context).ToDictionary(step => step.Identity.Key, StringComparer.Ordinal);
        }

        return known;
    }

    private IReadOnlyList<IStep> Steps(PhaseContext context)
    {
        if (RolloutFactory.Begun(context) is not { } plan)
        {
            return [];
        }

        var tools = RolloutFactory.Tools(context, order?.AcceptLessCapacity == true, lost);
        return [.. RolloutFactory.ForwardSteps(plan, tools), .. RolloutFactory.RetireSteps(plan, tools)];
    }
}

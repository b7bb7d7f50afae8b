using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Finds the step behind a journal's key, built anew from plan and journal.</summary>
internal static class StepCatalog
{
    /// <summary>Answers the step of a fact.</summary>
    /// <exception cref="DeployOpsException"><c>StepUnknown</c> where the journal names a step this version cannot build.</exception>
    internal static Func<StepFacts, IStep> Rebuild(PhaseContext context, RolloutPlan? rollout)
    {
        var steps = new List<IStep>();
        if (rollout is not null)
        {
            var tools = RolloutFactory.Tools(context);
            steps.AddRange(RolloutFactory.ForwardSteps(rollout, tools));
            steps.AddRange(RolloutFactory.RetireSteps(rollout, tools));
        }

        steps.AddRange(MigrationFactory.BegunSteps(context));
        var byKey = steps.ToDictionary(step => step.Identity.Key, StringComparer.Ordinal);

        return fact => byKey.GetValueOrDefault(fact.Key) ?? throw new DeployOpsException(
            "StepUnknown",
            FaultKind.InvalidData,
            $"The journal names the step '{fact.Key}' ({fact.Change}), which this version of DeployOps cannot build.",
            "Go back with the version that made it.");
    }
}

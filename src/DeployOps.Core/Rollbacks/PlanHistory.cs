using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Rollbacks;

/// <summary>
/// The plan as it was when something of a window happened. Going back takes instances, scripts and databases from there: a deviation may have taken
/// them out of the plan that is in force now.
/// </summary>
/// <param name="context">The context by the plan that is in force now.</param>
internal sealed class PlanHistory(PhaseContext context)
{
    private readonly Dictionary<IReadOnlyList<KeptFile>, PhaseContext> read = new(ReferenceEqualityComparer.Instance) { [context.Session.Facts.Files] = context };

    /// <summary>The context in which a step was last begun.</summary>
    internal PhaseContext Of(StepFacts step) => At(step.Files);

    /// <summary>The context in which something was last captured under this name; where nothing was, that of now.</summary>
    internal PhaseContext OfCapture(string name) => context.Session.Facts.FilesOfCapture(name) is { } files ? At(files) : context;

    /// <summary>The context in which traffic was moved; where it was not, that of the newest step of the rollout, or of what was captured for it.</summary>
    internal PhaseContext OfRollout()
    {
        var facts = context.Session.Facts;
        var newest = facts.Step(TrafficStep.Key) ?? facts.Steps.LastOrDefault(step => step.Phase == DeploymentPhase.Rollout);

        return newest is null ? OfCapture(RolloutFactory.CaptureName) : Of(newest);
    }

    private PhaseContext At(IReadOnlyList<KeptFile> kept)
    {
        if (!read.TryGetValue(kept, out var known))
        {
            var (plan, files) = WindowPlan.Kept(context.Session.Folder, context.Session.Facts.Opening.PlanPath, kept, context.Ports, SparedSections.GoingBack);
            read[kept] = known = context with { Plan = plan, Files = files };
        }

        return known;
    }
}

using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Phase 3: capture, then each instance and the traffic in reversible steps.</summary>
internal sealed class RolloutPhase : IPhase<RolloutResult>
{
    private static readonly TimeSpan SoakLook = TimeSpan.FromSeconds(1);

    private RolloutPlan? plan;
    private IReadOnlyList<IStep> steps = [];

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Rollout, Acts: true, "RolloutFailed");

    public async Task<RolloutResult> PlanAsync(PhaseContext context)
    {
        await DecideAsync(context);
        return End(PhaseOutcome.Planned, steps.Count == 0 ? "the plan has no rollout" : $"{steps.Count} steps");
    }

    public async Task<RolloutResult> RunAsync(PhaseContext context)
    {
        await DecideAsync(context);
        if (plan is null)
        {
            return End(PhaseOutcome.Succeeded, "the plan has no rollout");
        }

        await new StepRunner(context.Session, context.Reporter).RunAsync(steps, context.Token);
        var tools = RolloutFactory.Tools(context);
        await SoakAsync(context, tools);
        var drained = await tools.DrainAsync(plan.Old, context.Token);
        if (drained.Verdict != GateVerdict.Pass)
        {
            // They keep serving: the old instances are only stopped at completion, and not before they are drained.
            context.Reporter.Warn($"Old instances still have requests in flight: {PhaseFailure.Sentence(drained.Detail)}");
        }

        return End(PhaseOutcome.Succeeded, $"{plan.OldVersion} -> {plan.Release} on {plan.New.Count} instances; {drained.Detail}");
    }

    public RolloutResult End(PhaseOutcome outcome, string summary) => new()
    {
        Outcome = outcome,
        Summary = summary,
        From = plan?.OldVersion,
        To = plan?.Release ?? "",
        Steps = [.. steps.Select(step => step.Identity.Change)],
    };

    private async Task DecideAsync(PhaseContext context)
    {
        if (context.Plan.Rollout is null)
        {
            return;
        }

        plan = await RolloutFactory.PlanAsync(context);
        steps = RolloutFactory.ForwardSteps(plan, RolloutFactory.Tools(context));
    }

    private async Task SoakAsync(PhaseContext context, RolloutTools tools)
    {
        var soak = context.Plan.Rollout!.Soak;
        var start = context.Ports.TimeProvider.GetTimestamp();
        while (context.Ports.TimeProvider.GetElapsedTime(start) < soak)
        {
            context.Reporter.Progress("Rollout", $"soaking, {context.Ports.TimeProvider.GetElapsedTime(start).TotalSeconds:0} of {soak.TotalSeconds:0} s");
            foreach (var instance in plan!.New)
            {
                if (!await tools.IsUpAsync(instance, plan.Release, context.Token))
                {
                    throw new DeployOpsException("InstanceUnhealthy", FaultKind.Failed, $"{instance.Name} was healthy on {plan.Release} and is no more, while traffic was settling on it.");
                }
            }

            await Task.Delay(SoakLook, context.Ports.TimeProvider, context.Token);
        }
    }
}

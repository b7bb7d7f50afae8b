using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Phase 3: capture, then each instance and the traffic in reversible steps.</summary>
/// <param name="atOnce">How many steps that do not need one another are performed at the same time; 1 or more.</param>
internal sealed class RolloutPhase(int atOnce = 1) : IPhase<RolloutResult>
{
    private static readonly TimeSpan SoakLook = TimeSpan.FromSeconds(1);

    private RolloutPlan? plan;
    private IReadOnlyList<RolloutBatch> batches = [];

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Rollout, Acts: true, "RolloutFailed");

    public async Task<RolloutResult> PlanAsync(PhaseContext context)
    {
        await DecideAsync(context);
        return End(PhaseOutcome.Planned, plan is null ? "the plan has no rollout" : $"{batches.Sum(batch => batch.Steps.Count())} steps");
    }

    public async Task<RolloutResult> RunAsync(PhaseContext context)
    {
        await DecideAsync(context);
        if (plan is null)
        {
            return End(PhaseOutcome.Succeeded, "the plan has no rollout");
        }

        var tools = RolloutFactory.Tools(context);
        var runner = new StepRunner(context.Session, context.Reporter);
        for (var done = 1; done <= batches.Count; done++)
        {
            await runner.RunAsync(batches[done - 1].Stages, atOnce, context.Token);
            // One that was begun after this had settled it, before an interruption.
            if (done == batches.Count || !HasBegun(batches[done], context.Session.Facts))
            {
                await SoakAsync(context, tools, [.. batches.Take(done).SelectMany(batch => batch.Instances)]);
            }
        }

        return End(PhaseOutcome.Succeeded, $"{plan.OldVersion} -> {plan.Release} on {plan.New.Count} instances; {await SettleAsync(context, tools)}");
    }

    public RolloutResult End(PhaseOutcome outcome, string summary) => new()
    {
        Outcome = outcome,
        Summary = summary,
        From = plan?.OldVersion,
        To = plan?.Release ?? "",
        Steps = [.. batches.SelectMany(batch => batch.Steps).Select(step => step.Identity.Change)],
    };

    private async Task DecideAsync(PhaseContext context)
    {
        if (context.Plan.Rollout is null)
        {
            return;
        }

        plan = await RolloutFactory.PlanAsync(context);
        batches = RolloutFactory.Batches(plan, RolloutFactory.Tools(context));
    }

    private static bool HasBegun(RolloutBatch batch, WindowFacts facts) => batch.Steps.Any(step => facts.Step(step.Identity.Key) is not null);

    private async Task<string> SettleAsync(PhaseContext context, RolloutTools tools)
    {
        if (plan!.Leaving.Count == 0)
        {
            return $"in {plan.Batches.Count} batches";
        }

        var drained = await tools.DrainAsync(plan.Leaving, context.Token);
        if (drained.Verdict != GateVerdict.Pass)
        {
            // They keep serving: the old instances are only stopped at completion, and not before they are drained.
            context.Reporter.Warn($"Old instances still have requests in flight: {PhaseFailure.Sentence(drained.Detail)}");
        }

        return drained.Detail;
    }

    private async Task SoakAsync(PhaseContext context, RolloutTools tools, IReadOnlyList<InstanceSpec> serving)
    {
        // An idle instance has no traffic that could settle.
        var soak = serving.Count == 0 ? TimeSpan.Zero : context.Plan.Rollout!.Soak;
        var start = context.Ports.TimeProvider.GetTimestamp();
        while (context.Ports.TimeProvider.GetElapsedTime(start) < soak)
        {
            context.Reporter.Progress("Rollout", $"soaking, {context.Ports.TimeProvider.GetElapsedTime(start).TotalSeconds:0} of {soak.TotalSeconds:0} s");
            foreach (var instance in serving)
            {
                if (!await tools.IsUpAsync(instance, plan!.Release, context.Token))
                {
                    throw new DeployOpsException("InstanceUnhealthy", FaultKind.Failed, $"{instance.Name} was healthy on {plan!.Release} and is no more, while traffic was settling on it.");
                }
            }

            await Task.Delay(SoakLook, context.Ports.TimeProvider, context.Token);
        }
    }
}

using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Builds plan and steps of a rollout anew, from the deployment plan and what the journal captured, in whatever process needs them.</summary>
internal static class RolloutFactory
{
    /// <summary>The name under which weights and versions are captured in the journal.</summary>
    internal const string CaptureName = "rollout";

    /// <summary>How much of a script's output stands in the journal itself, in characters; more is kept beside it.</summary>
    private const int LongestLine = 1000;

    /// <summary>The tools of this run; the gates they ask are journaled where there is a journal.</summary>
    /// <param name="context">The phase.</param>
    /// <param name="acceptsLessCapacity">Whether the old version may get the traffic back without the instances that cannot serve it.</param>
    /// <param name="lost">Takes down the instances that are found lost on the way back; null where nothing goes back.</param>
    internal static RolloutTools Tools(PhaseContext context, bool acceptsLessCapacity = false, LostInstances? lost = null)
    {
        var rollout = context.Plan.Rollout!;
        return new RolloutTools(
            rollout,
            context.Files.Text(rollout.Deploy),
            context.Window,
            context.Ports,
            gate => context.OpenSession?.AppendGateAsync(DeploymentPhase.Rollout, gate) ?? Task.CompletedTask,
            text => text.Length <= LongestLine || context.OpenSession is null ? text : $"wrote {text.Length} characters, kept in {context.OpenSession.KeepEvidence(text)}")
        {
            AcceptsLessCapacity = acceptsLessCapacity,
            BeforeEffect = () => context.OpenSession?.ThrowIfStale(),
            Lost = lost ?? new LostInstances(),
            IsTakenOut = name => context.OpenSession?.Facts.Step(DrainStep.KeyOf(name)) is { State: not StepState.Undone },
        };
    }

    /// <summary>The plan by the capture in the journal; captured, and written where this run may write, if there is none yet.</summary>
    internal static async Task<RolloutPlan> PlanAsync(PhaseContext context) =>
        context.OpenSession?.Facts.Captured<RolloutCapture>(CaptureName) is { } capture
            ? Decide(context.Plan.Rollout!, capture, context.Plan.Release)
            : await CaptureAsync(context);

    /// <summary>Captures production as it is now and plans by that: before anything was changed, the newest look is the right one.</summary>
    internal static async Task<RolloutPlan> CaptureAsync(PhaseContext context)
    {
        var capture = await Tools(context).CaptureAsync(context.Token);
        var plan = Decide(context.Plan.Rollout!, capture, context.Plan.Release);
        if (context.OpenSession is { Writes: true } session)
        {
            var captured = capture with { After = plan.NewWeights };
            await session.CaptureAsync(DeploymentPhase.Rollout, CaptureName, captured, $"Captured before the rollout: {Words(capture)}", readBack: captured);
        }

        return plan;
    }

    /// <summary>The plan of a rollout that has begun; null where the journal has no capture, so nothing was touched.</summary>
    internal static RolloutPlan? Begun(PhaseContext context) =>
        context.Plan.Rollout is { } rollout && context.Session.Facts.Captured<RolloutCapture>(CaptureName) is { } capture
            ? Decide(rollout, capture, context.Plan.Release)
            : null;

    /// <summary>
    /// The plan as far as it can be told before a phase runs: by the capture, and for a window that is only planned by what serves now. Null where the plan
    /// has no rollout or nothing was captured.
    /// </summary>
    internal static async Task<RolloutPlan?> ForeseeAsync(PhaseContext context) => context switch
    {
        { Plan.Rollout: null } => null,
        { OpenSession: null } => await CaptureAsync(context),
        _ => Begun(context),
    };

    /// <summary>The rollout phase by batches, in order.</summary>
    internal static IReadOnlyList<RolloutBatch> Batches(RolloutPlan plan, RolloutTools tools)
    {
        var idle = plan.New.ExceptBy(plan.Batches.SelectMany(batch => batch).Select(instance => instance.Name), instance => instance.Name, StringComparer.Ordinal).Select(instance => new DeployStep(plan, instance, tools)).ToList<IStep>();
        if (plan.Batches.Count == 0)
        {
            return [new RolloutBatch(plan.New, [idle, [new TrafficStep(plan, tools)]])];
        }

        return
        [
            .. idle.Count == 0 ? Array.Empty<RolloutBatch>() : [new RolloutBatch([], [idle])],
            .. plan.Batches.Select(batch => new RolloutBatch(
                batch,
                [
                    [.. batch.Select(instance => new DrainStep(plan, instance, tools))],
                    [.. batch.Select(instance => new DeployStep(plan, instance, tools))],
                    [.. batch.Select(instance => new AdmitStep(plan, instance, tools))],
                ])),
        ];
    }

    /// <summary>The steps of the rollout phase, in order.</summary>
    internal static IReadOnlyList<IStep> ForwardSteps(RolloutPlan plan, RolloutTools tools) => [.. Batches(plan, tools).SelectMany(batch => batch.Steps)];

    /// <summary>The steps of the completion, in order.</summary>
    internal static IReadOnlyList<IStep> RetireSteps(RolloutPlan plan, RolloutTools tools) =>
        [.. plan.Leaving.Select(instance => new RetireStep(plan, instance, tools))];

    private static RolloutPlan Decide(RolloutSpec rollout, RolloutCapture capture, string release) => rollout.Strategy switch
    {
        RolloutStrategy.Rolling => RollingPlanner.Plan(rollout, capture, release),
        _ => BlueGreenPlanner.Plan(rollout, capture, release),
    };

    private static string Words(RolloutCapture capture) =>
        string.Join(", ", capture.Weights.OrderBy(weight => weight.Key, StringComparer.Ordinal).Select(weight => $"{weight.Key} {capture.Versions.GetValueOrDefault(weight.Key) ?? "stopped"} weight {weight.Value}"));
}

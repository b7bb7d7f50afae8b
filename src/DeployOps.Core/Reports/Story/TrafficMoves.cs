using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;

namespace DeployOps.Reports.Story;

/// <summary>When users met the new release, and when they no longer did.</summary>
/// <param name="BegunAt">When traffic was about to move; null where it never was.</param>
/// <param name="MovedAt">The cut-over: all traffic was seen on the new release. Null where it was not.</param>
/// <param name="BackAt">When all traffic was seen on the old version again; null where it was not, or never left it.</param>
/// <param name="Unserved">How long nobody was served while databases were restored, all attempts together.</param>
internal sealed record TrafficMoves(DateTimeOffset? BegunAt, DateTimeOffset? MovedAt, DateTimeOffset? BackAt, TimeSpan Unserved)
{
    /// <summary>Reads the moves from the attempts of the steps that move traffic. Pure.</summary>
    internal static TrafficMoves Read(IReadOnlyList<StepRun> steps, RolloutCapture? capture)
    {
        if (steps.Any(step => DrainStep.Is(step.Key)))
        {
            return Rolling(steps, capture);
        }

        var traffic = steps.Where(step => step.Key == TrafficStep.Key).ToList();
        return new TrafficMoves(
            traffic.Find(step => !step.IsUndo)?.BeganAt,
            traffic.Find(step => step is { IsUndo: false, State: StepState.Done })?.EndedAt,
            traffic.FindLast(step => step.State == StepState.Undone)?.EndedAt,
            Closed(steps));
    }

    // Batch by batch: users meet the new release with the first instance that is let in, and are all on it with the last.
    private static TrafficMoves Rolling(IReadOnlyList<StepRun> steps, RolloutCapture? capture)
    {
        var admitted = steps.Where(step => AdmitStep.Is(step.Key)).ToList();
        var done = admitted.Where(step => step is { IsUndo: false, State: StepState.Done }).ToList();
        var wanted = capture?.After?.Where(weight => weight.Value > 0).Select(weight => AdmitStep.KeyOf(weight.Key)) ?? [];
        var moves = steps.Where(step => TrafficStep.Moves(step.Key)).ToList();
        var isBack = moves.GroupBy(step => step.Key).All(attempts => attempts.Last().State == StepState.Undone);

        return new TrafficMoves(
            admitted.Find(step => !step.IsUndo)?.BeganAt,
            wanted.Except(done.Select(step => step.Key)).Any() ? null : done.LastOrDefault()?.EndedAt,
            isBack && admitted.Count > 0 ? moves.Max(step => step.EndedAt) : null,
            Closed(steps));
    }

    // From each intent to stop the traffic until it was seen to flow again, in whatever attempt that was.
    private static TimeSpan Closed(IReadOnlyList<StepRun> steps)
    {
        var sum = TimeSpan.Zero;
        DateTimeOffset? since = null;
        foreach (var step in steps.Where(step => step.Key is ClosedTrafficStep.Key || TrafficStep.Moves(step.Key)))
        {
            if (step is { Key: ClosedTrafficStep.Key, State: StepState.Done })
            {
                since ??= step.BeganAt;
            }
            else if (since is { } closed && step is { State: StepState.Undone, EndedAt: { } opened })
            {
                sum += opened - closed;
                since = null;
            }
        }

        return sum;
    }
}

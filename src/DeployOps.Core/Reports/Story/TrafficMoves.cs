using DeployOps.Rollouts;
using DeployOps.Steps;

namespace DeployOps.Reports.Story;

/// <summary>When users met the new release, and when they no longer did.</summary>
/// <param name="BegunAt">When traffic was about to move; null where it never was.</param>
/// <param name="MovedAt">The cut-over: all traffic was seen on the new release. Null where it was not.</param>
/// <param name="BackAt">When all traffic was seen on the old version again; null where it was not, or never left it.</param>
internal sealed record TrafficMoves(DateTimeOffset? BegunAt, DateTimeOffset? MovedAt, DateTimeOffset? BackAt)
{
    /// <summary>Reads the moves from the attempts of the traffic step. Pure.</summary>
    internal static TrafficMoves Read(IReadOnlyList<StepRun> steps)
    {
        var traffic = steps.Where(step => step.Key == TrafficStep.Key).ToList();
        return new TrafficMoves(
            traffic.Find(step => !step.IsUndo)?.BeganAt,
            traffic.Find(step => step is { IsUndo: false, State: StepState.Done })?.EndedAt,
            traffic.FindLast(step => step.State == StepState.Undone)?.EndedAt);
    }
}

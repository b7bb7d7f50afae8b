using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Rollouts;

/// <summary>
/// Waits until instances that get no new traffic have finished what they had begun. Measured, not timed: no request in flight twice in a row,
/// since a request may be between being routed and being counted.
/// </summary>
public sealed class DrainWatch(IRouter router, TimeProvider timeProvider)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits. Pass: drained. Fail: requests remained at the deadline, or an instance still has weight. Unknown: the router could not tell.</summary>
    /// <param name="instances">The instances, by the router's names.</param>
    /// <param name="deadline">How long requests in flight may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GateResult> WaitAsync(IReadOnlyList<string> instances, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instances);
        var name = $"drain of {string.Join(", ", instances)}";
        var began = timeProvider.GetTimestamp();
        var emptyInARow = 0;
        while (true)
        {
            var seen = await LookAsync(name, instances, cancellationToken);
            emptyInARow = seen.Verdict == GateVerdict.Pass ? emptyInARow + 1 : 0;
            var elapsed = timeProvider.GetElapsedTime(began);
            if (emptyInARow >= 2)
            {
                return GateResult.Pass(name, $"no request in flight after {MetricText.Span(elapsed)}");
            }

            if (elapsed + Interval > deadline && emptyInARow == 0)
            {
                return seen with { Detail = $"{seen.Detail} after {MetricText.Span(elapsed)}" };
            }

            await Task.Delay(Interval, timeProvider, cancellationToken);
        }
    }

    private async Task<GateResult> LookAsync(string name, IReadOnlyList<string> instances, CancellationToken cancellationToken)
    {
        RouterState state;
        try
        {
            state = await router.ReadAsync(cancellationToken);
        }
        catch (DeployOpsException e)
        {
            // A router that cannot be asked now may be asked again before the deadline.
            return GateResult.Unknown(name, e.Message);
        }

        var absent = instances.Where(instance => !state.Destinations.ContainsKey(instance)).ToList();
        if (absent.Count > 0)
        {
            return GateResult.Unknown(name, $"the router does not know {string.Join(", ", absent)}");
        }

        var destinations = instances.Select(instance => (Name: instance, State: state.Destinations[instance])).ToList();
        if (destinations.Find(destination => destination.State.Weight > 0) is { Name: not null } weighted)
        {
            return GateResult.Fail(name, $"{weighted.Name} still gets traffic with weight {weighted.State.Weight}");
        }

        var remaining = destinations.Sum(destination => destination.State.InFlight);
        return remaining == 0
            ? GateResult.Pass(name, "no request in flight")
            : GateResult.Fail(name, $"{remaining} request{(remaining == 1 ? "" : "s")} still in flight");
    }
}

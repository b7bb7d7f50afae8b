namespace DeployOps.Adapters.Watching;

/// <summary>Sums up what the rounds of a repeated statement do.</summary>
/// <param name="time">Measures them.</param>
/// <param name="locks">Says what the transaction that is open locks.</param>
/// <param name="tell">Is told of how long they took together, how many there were, how many rows they touched, and what the first of them locked.</param>
internal sealed class TracedRounds(TimeProvider time, Func<Task<IReadOnlyList<string>>> locks, Func<TimeSpan, int, long, IReadOnlyList<string>, Task> tell)
{
    private TimeSpan duration;
    private int rounds;
    private long rows;
    private IReadOnlyList<string> held = [];

    /// <summary>Runs a round in its transaction.</summary>
    /// <returns>What the round returns: the rows it touched.</returns>
    internal async Task<long> RunAsync(Func<Task<long>> round)
    {
        var started = time.GetTimestamp();
        var touched = await round();
        duration += time.GetElapsedTime(started);
        rows += Math.Max(touched, 0);
        held = rounds++ == 0 ? await locks() : held;
        return touched;
    }

    /// <summary>The last round has ended.</summary>
    internal Task EndAsync() => tell(duration, rounds, rows, held);
}

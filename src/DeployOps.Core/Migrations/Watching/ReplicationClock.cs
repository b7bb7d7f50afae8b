namespace DeployOps.Migrations.Watching;

/// <summary>
/// Turns positions in the log into time: what a replica has not replayed is as old as the first look at which the primary had written it. The server's own
/// <c>replay_lag</c> is the time of the last answer: it says milliseconds when a replica has just stopped, and goes on saying seconds long after it has caught up and is idle.
/// A lag read here is too long by at most the time between two looks.
/// </summary>
public sealed class ReplicationClock
{
    // An hour of looks a second: what is further behind is told from the oldest one, as at least that much.
    private const int MostLooks = 3_600;
    private static readonly TimeSpan BetweenKept = TimeSpan.FromSeconds(1);
    private readonly List<(TimeSpan At, long Position)> looks = [];
    private TimeSpan? first;

    /// <summary>Remembers where the primary was. Looks come in the order of time.</summary>
    /// <param name="at">When, since any fixed moment.</param>
    /// <param name="position">How many bytes of the log it had written.</param>
    public void See(TimeSpan at, long position)
    {
        first ??= at;
        // Of several looks at the same position the last one counts: until then nothing was missing. The newest is always kept, of older ones one a second.
        if (looks.Count > 0 && (looks[^1].Position == position || (looks.Count > 1 && looks[^1].At - looks[^2].At < BetweenKept)))
        {
            looks.RemoveAt(looks.Count - 1);
        }

        looks.Add((at, position));
        if (looks.Count > MostLooks)
        {
            looks.RemoveAt(0);
        }
    }

    /// <summary>Whether it was seen when what a replica lacks was written: not where it lacks what was written before the first look.</summary>
    /// <param name="replayed">How many bytes of the log it has replayed.</param>
    public bool HasSeen(long replayed) => looks.Count == 0 || looks[0].Position <= replayed;

    /// <summary>How long ago what a replica replayed last was the newest there was.</summary>
    /// <param name="replayed">How many bytes of the log it has replayed.</param>
    /// <param name="told">What the server says: all there is to go by for what was written before the first look.</param>
    /// <returns>None where it has replayed everything; null where it lacks what was written before the first look and the server does not say how old that is.</returns>
    public TimeSpan? LagOf(long replayed, TimeSpan? told)
    {
        if (looks.Count == 0 || replayed >= looks[^1].Position)
        {
            return TimeSpan.Zero;
        }

        var newest = looks[^1].At;
        var reached = looks.FindLastIndex(look => look.Position <= replayed);
        if (reached >= 0)
        {
            return newest - looks[reached].At;
        }

        var watched = newest - first!.Value;
        return told is null ? null : told > watched ? told : watched;
    }
}

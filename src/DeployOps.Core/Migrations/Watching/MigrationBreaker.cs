namespace DeployOps.Migrations.Watching;

/// <summary>Decides while a statement runs whether it does so much to others that it has to be cancelled.</summary>
/// <param name="limits">What it may do.</param>
public sealed class MigrationBreaker(MigrationLimits limits)
{
    /// <summary>Judges one look; one is enough, since users wait meanwhile.</summary>
    /// <returns>Why it has to be cancelled; null where it may go on.</returns>
    public MigrationTrip? Judge(MigrationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var blocked = sample.Blocks;
        var why = blocked.Count > limits.MaxBlocked ? $"{blocked.Count} sessions waited for it, at most {limits.MaxBlocked} may"
            : blocked.Longest > limits.MaxBlockedFor ? $"a session waited {WatchText.Time(blocked.Longest)} for it, at most {WatchText.Time(limits.MaxBlockedFor)} are allowed"
            : null;

        return why is null ? null : new MigrationTrip(why, blocked, sample.WaitsForLock, sample.Elapsed);
    }
}

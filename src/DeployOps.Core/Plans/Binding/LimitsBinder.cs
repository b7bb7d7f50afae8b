using DeployOps.Migrations.Watching;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Databases[].Limits</c>.</summary>
internal static class LimitsBinder
{
    // More sessions and replicas than any server has.
    private const int MostSessions = 100_000;
    private const int MostReplicas = 1_000;
    private const int MostSamples = 1_000;
    private const int MostTries = 1_000;

    private static readonly string[] Known =
        ["MaxBlocked", "MaxBlockedFor", "LockTimeout", "LockTries", "MaxLag", "MaxLagBytes", "Replicas", "DelayedReplicas", "LongTransaction", "MinFreeDisk", "MaxCpu", "Hold", "CriticalSamples"];

    /// <summary>What a migration may do to others, with the defaults for what the plan does not say.</summary>
    public static MigrationLimits Bind(PlanSection database)
    {
        var usual = new MigrationLimits();
        return database.Table("Limits", required: false, Known) is not { } section ? usual : new MigrationLimits
        {
            MaxBlocked = section.Count("MaxBlocked", usual.MaxBlocked, 0, MostSessions),
            MaxBlockedFor = section.Duration("MaxBlockedFor", usual.MaxBlockedFor, PlanLimits.Moment, PlanLimits.Hour),
            LockTimeout = section.Duration("LockTimeout", usual.LockTimeout, PlanLimits.Moment, PlanLimits.Hour),
            LockTries = section.Count("LockTries", usual.LockTries, 1, MostTries),
            MaxLag = section.Duration("MaxLag", usual.MaxLag, PlanLimits.Moment, PlanLimits.Day),
            MaxLagBytes = (long)(section.Number("MaxLagBytes", IsWhole, "a whole number of bytes, 0 or more") ?? usual.MaxLagBytes),
            Replicas = section.Has("Replicas") ? section.Count("Replicas", 0, 0, MostReplicas) : usual.Replicas,
            DelayedReplicas = section.Titles("DelayedReplicas"),
            LongTransaction = section.Duration("LongTransaction", usual.LongTransaction, PlanLimits.Moment, PlanLimits.Day),
            MinFreeDisk = section.Number("MinFreeDisk", number => number is >= 0 and < 1 || IsWhole(number), "a fraction of the disk below 1, or a whole number of bytes") ?? usual.MinFreeDisk,
            MustKnowTransactions = section.Has("LongTransaction"),
            MustKnowDisk = section.Has("MinFreeDisk"),
            MaxCpu = section.Number("MaxCpu", number => number is > 0 and <= 1, "a number more than 0 and at most 1"),
            Hold = section.Duration("Hold", usual.Hold, PlanLimits.Moment, PlanLimits.Day),
            CriticalSamples = section.Count("CriticalSamples", usual.CriticalSamples, 1, MostSamples),
        };
    }

    private static bool IsWhole(double number) => number >= 0 && number <= 1L << 53 && Math.Floor(number) == number;
}

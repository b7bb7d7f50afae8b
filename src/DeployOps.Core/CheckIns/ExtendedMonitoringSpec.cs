namespace DeployOps.CheckIns;

/// <summary>How a release is looked after once its window is complete.</summary>
public sealed record ExtendedMonitoringSpec
{
    /// <summary>The shortest interval and duration: 1 minute.</summary>
    internal static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest interval: 1 day.</summary>
    internal static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <summary>The longest duration: 14 days.</summary>
    internal static readonly TimeSpan LongestDuration = TimeSpan.FromDays(14);

    /// <summary>How long. Default 2 days; 1 minute to 14 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(2);

    /// <summary>Between two check-ins. Default 30 minutes; 1 minute to 1 day.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(30);
}

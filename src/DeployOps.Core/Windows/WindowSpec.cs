namespace DeployOps.Windows;

/// <summary>The time that was agreed.</summary>
public sealed record WindowSpec
{
    /// <summary>How long forward steps may begin. Default 2 hours; more than 0, at most 7 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(2);
}

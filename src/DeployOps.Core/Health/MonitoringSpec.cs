using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>What is watched after the rollout and how it is judged.</summary>
public sealed record MonitoringSpec
{
    /// <summary>How long to watch. Default 1 hour; 1 second to 24 hours.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Between two looks. Default 1 minute; at least 100 ms and at most <see cref="Duration"/>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the metrics are measured before anything changes. Default 10 minutes; 0 measures none.</summary>
    public TimeSpan Baseline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many looks in a row a metric must fail before the verdict is Rollback. Default 2; 1 to 100.</summary>
    public int Looks { get; init; } = 2;

    /// <summary>What is measured.</summary>
    public IReadOnlyList<MetricSpec> Metrics { get; init; } = [];

    /// <summary>The logs that are reviewed for kinds of errors they never told of before: full paths, with wildcards in the name or without.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];
}

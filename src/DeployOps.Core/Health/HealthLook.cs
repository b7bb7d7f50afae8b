using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>One look of a watch: what was measured and what it came to.</summary>
public sealed record HealthLook
{
    /// <summary>Which look it was, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How long the watch had run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Every metric, then every check.</summary>
    public required IReadOnlyList<HealthFinding> Findings { get; init; }

    /// <summary>The values the metrics were judged by, in the plan's order.</summary>
    public required IReadOnlyList<MetricValue> Values { get; init; }

    /// <summary>What this look came to.</summary>
    public required HealthVerdict Verdict { get; init; }

    /// <summary>How many looks should have come since the one before and did not; more than 0 only of check-ins, whose machine may sleep.</summary>
    public int Missed { get; init; }

    /// <summary>
    /// What the whole watch came to: Healthy, Inconclusive or Rollback; of check-ins, the worst that any of them found. Null unless this is its last look.
    /// </summary>
    public HealthVerdict? Conclusion { get; init; }

    /// <summary>The look in one line: what is worst, with its numbers.</summary>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"look {Number} at {MetricText.Span(Elapsed)}: {Verdict}: {Summary}";
}

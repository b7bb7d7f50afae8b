namespace DeployOps.Health.Metrics;

/// <summary>What a metric's counters came to over a stretch of time, or why they came to nothing.</summary>
public sealed record MetricValue
{
    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>How the number was made.</summary>
    public required MetricMeasure Measure { get; init; }

    /// <summary>The number: a ratio, the histogram's unit, or events a second. Null where the evidence is missing; then <see cref="Missing"/> says why.</summary>
    public double? Value { get; init; }

    /// <summary>How many events it rests on.</summary>
    public double Count { get; init; }

    /// <summary>For a ratio: how many of them counted against it.</summary>
    public double Hits { get; init; }

    /// <summary>When the stretch began, UTC.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>The quantile lies beyond the histogram's last finite bound, so it is <see cref="Value"/> or any more.</summary>
    public bool IsAtLeast { get; init; }

    /// <summary>Why there is no number.</summary>
    public string? Missing { get; init; }

    /// <summary>How often a counter began again, because its process did.</summary>
    public int Resets { get; init; }

    /// <summary>Series that were there and are gone.</summary>
    public IReadOnlyList<string> Vanished { get; init; } = [];

    /// <summary>How long the stretch was.</summary>
    public TimeSpan Span => To - From;

    /// <summary>The number with what it rests on, such as <c>1.83 % of 2,250 in 20 s</c>, or why there is none.</summary>
    public string Text => Value is { } value ? $"{Number(value)} in {MetricText.Span(Span)}{Remarks()}" : Missing ?? "not measured";

    /// <inheritdoc/>
    public override string ToString() => $"{Metric}: {Text}";

    private string Number(double value) => (Measure, IsAtLeast) switch
    {
        (MetricMeasure.Quantile, true) => $">= {MetricText.Measured(Measure, value)} (the histogram tops out) of {MetricText.Count(Count)}",
        (MetricMeasure.Rate, _) => $"{MetricText.Measured(Measure, value)}: {MetricText.Count(Count)}",
        _ => $"{MetricText.Measured(Measure, value)} of {MetricText.Count(Count)}",
    };

    private string Remarks() => (Resets, Vanished.Count) switch
    {
        (0, 0) => "",
        (_, 0) => " (counters began again)",
        (0, var gone) => $" ({gone} series gone)",
        (_, var gone) => $" (counters began again, {gone} series gone)",
    };
}

using System.Text.Json.Serialization;

namespace DeployOps.Health.Metrics;

/// <summary>What a metric was before anything changed. It is frozen in the journal and never measured again.</summary>
public sealed record MetricBaseline
{
    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>The value; null where it could not be measured, and then <see cref="Missing"/> says why.</summary>
    public double? Value { get; init; }

    /// <summary>How many events it rests on.</summary>
    public double Count { get; init; }

    /// <summary>For a ratio: how many of them counted against it.</summary>
    public double Hits { get; init; }

    /// <summary>When measuring began, UTC.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>A quantile beyond the histogram's last bound: <see cref="Value"/> or any more.</summary>
    public bool IsAtLeast { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Missing { get; init; }

    /// <summary>The value in one line, such as <c>0.10 % of 27,000 in 10 min</c>.</summary>
    public string Text { get; init; } = "";

    /// <summary>How long was measured.</summary>
    [JsonIgnore]
    public TimeSpan Span => To - From;

    /// <summary>Freezes a measured value.</summary>
    public static MetricBaseline Of(MetricValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new MetricBaseline
        {
            Metric = value.Metric,
            Value = value.Value,
            Count = value.Count,
            Hits = value.Hits,
            From = value.From,
            To = value.To,
            IsAtLeast = value.IsAtLeast,
            Missing = value.Missing,
            Text = value.Text,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Metric}: {Text}";
}

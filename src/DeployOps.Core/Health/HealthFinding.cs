using DeployOps.Gates;

namespace DeployOps.Health;

/// <summary>What one look found about one metric or check.</summary>
public sealed record HealthFinding
{
    /// <summary>The metric's or check's name.</summary>
    public required string Metric { get; init; }

    /// <summary>How it was judged.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>The numbers that decided, in one line.</summary>
    public required string Detail { get; init; }

    /// <summary>The value; null where there was none and for a check.</summary>
    public double? Value { get; init; }

    /// <summary>The baseline's value; null where there is none.</summary>
    public double? Baseline { get; init; }

    /// <summary>The plan's absolute limit, or its minimum where it has only that; null for none.</summary>
    public double? Limit { get; init; }

    /// <summary>For how many looks it has failed in a row. A look without evidence neither counts nor ends the row.</summary>
    public int Looks { get; init; }

    /// <summary>True where nothing was seen at this look: its page could not be read, its check could not be asked. Too few events are no blindness.</summary>
    public bool IsBlind { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict}: {Metric}: {Detail}";
}

using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Journal;

/// <summary>A line of the execution log as it was read and verified.</summary>
public sealed record JournalRecord
{
    /// <summary>Its number in the file, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The lock's epoch under which it was written.</summary>
    public required long Epoch { get; init; }

    /// <summary>What it tells.</summary>
    public required JournalKind Kind { get; init; }

    /// <summary>The phase it belongs to, or null.</summary>
    public DeploymentPhase? Phase { get; init; }

    /// <summary>What it is about, or null.</summary>
    public string? Target { get; init; }

    /// <summary>One line for a reader.</summary>
    public required string Message { get; init; }

    /// <summary>The numbers and facts as JSON, or null.</summary>
    public JsonNode? Data { get; init; }

    /// <summary>SHA-256 of this line's exact bytes: the next one's <c>prev</c>, and the log's head after the last.</summary>
    public required string Hash { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Seq} {Time:HH:mm:ss.fff} {Kind} {Target} {Message}";

    /// <summary>Reads the facts as a type of the domain.</summary>
    internal T Read<T>() =>
        Data.Deserialize<T>(JournalJson.Options)
        ?? throw new DeployOpsException("JournalRecordInvalid", FaultKind.Security, $"Record {Seq} of the journal has no {typeof(T).Name}.");
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
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

    /// <summary>Planned of one that -WhatIf kept from being written, which has neither number nor hash; null of a line of the log.</summary>
    [JsonIgnore]
    public PhaseOutcome? Outcome { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Seq} {Time:HH:mm:ss.fff} {Kind} {Target} {Message}";

    /// <summary>The phase, where a record of this kind always has one.</summary>
    /// <exception cref="DeployOpsException"><c>JournalRecordInvalid</c>.</exception>
    internal DeploymentPhase RequirePhase() => Phase ?? throw Invalid("no phase");

    /// <summary>What it is about, where a record of this kind always says so.</summary>
    /// <exception cref="DeployOpsException"><c>JournalRecordInvalid</c>.</exception>
    internal string RequireTarget() => Target ?? throw Invalid("no target");

    /// <summary>Reads the facts as a type of the domain.</summary>
    /// <exception cref="DeployOpsException"><c>JournalRecordInvalid</c>.</exception>
    internal T Read<T>() => Read<T>(Data);

    /// <summary>Reads a part of the facts as a type of the domain.</summary>
    /// <exception cref="DeployOpsException"><c>JournalRecordInvalid</c>.</exception>
    internal T Read<T>(JsonNode? part)
    {
        try
        {
            return part.Deserialize<T>(JournalJson.Options) ?? throw Invalid($"no {typeof(T).Name}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw Invalid($"no {typeof(T).Name} that this version of DeployOps can read", e);
        }
    }

    /// <summary>The error of a record whose facts nobody can go on with.</summary>
    /// <param name="what">What it has instead.</param>
    /// <param name="cause">Why it could not be read, where something was thrown.</param>
    internal DeployOpsException Invalid(string what, Exception? cause = null) => new(
        "JournalRecordInvalid",
        FaultKind.Security,
        $"Record {Seq} ({Kind}) of the journal is whole and has {what}.",
        "Another version of DeployOps may have written it: go on with that one.",
        cause);
}

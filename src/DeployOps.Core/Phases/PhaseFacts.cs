using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What the journal tells of a phase: its last attempt.</summary>
internal sealed record PhaseFacts
{
    public required DeploymentPhase Phase { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Null while it runs, or where it was killed.</summary>
    public PhaseOutcome? Outcome { get; init; }

    public string Summary { get; init; } = "";

    /// <summary>The phase's result as it was emitted, without its window.</summary>
    public JsonNode? Result { get; init; }

    /// <summary>The record that tells its end; null while it runs.</summary>
    public JournalRecord? Ended { get; init; }

    /// <summary>Reads the result.</summary>
    /// <exception cref="DeployOpsException"><c>JournalRecordInvalid</c>.</exception>
    public T ReadResult<T>() => Ended!.Read<T>(Result);
}

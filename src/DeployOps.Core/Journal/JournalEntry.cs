using System.Text.Json.Nodes;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Journal;

/// <summary>What is to be written to the execution log.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Message">One line for a reader.</param>
public sealed record JournalEntry(JournalKind Kind, string Message)
{
    /// <summary>The phase it belongs to, or null.</summary>
    public DeploymentPhase? Phase { get; init; }

    /// <summary>What it is about: a step's key, an instance, a gate; or null.</summary>
    public string? Target { get; init; }

    /// <summary>The numbers and facts, by kind; or null.</summary>
    public JsonNode? Detail { get; init; }

    /// <summary>
    /// What of the numbers and facts is read back by whoever carries on or goes back, so that a secret within it cannot be masked: the record is refused then. Null where nothing is.
    /// </summary>
    internal JsonNode? ReadBack { get; init; }
}

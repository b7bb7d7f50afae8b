using System.Text.Json.Nodes;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>One run of a phase. A phase that was interrupted and begun again has several.</summary>
internal sealed record PhaseRun
{
    public required DeploymentPhase Phase { get; init; }

    /// <summary>Which run of its phase it was, from 1.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>
    /// When its own work ended: at its last record, or when going back began inside it. Null while it runs, or where nobody saw it end.
    /// </summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Null while it runs, or where nobody saw it end.</summary>
    public PhaseOutcome? Outcome { get; init; }

    public string Summary { get; init; } = "";

    /// <summary>The result as it was emitted, without its window.</summary>
    public JsonNode? Result { get; init; }
}

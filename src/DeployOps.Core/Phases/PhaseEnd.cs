using System.Text.Json.Nodes;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>The detail of the record that ends a phase.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Result">The result that was emitted, without its window.</param>
internal sealed record PhaseEnd(PhaseOutcome Outcome, JsonNode? Result);

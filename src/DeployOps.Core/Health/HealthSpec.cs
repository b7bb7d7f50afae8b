using DeployOps.Incidents;

namespace DeployOps.Health;

/// <summary>What must be well before a window opens, and quiet before each phase.</summary>
public sealed record HealthSpec
{
    /// <summary>The probes, asked one after another.</summary>
    public IReadOnlyList<ProbeSpec> Probes { get; init; } = [];

    /// <summary>Where open incidents are told of. They are asked at the start and again before each phase.</summary>
    public IReadOnlyList<IncidentSpec> Incidents { get; init; } = [];
}

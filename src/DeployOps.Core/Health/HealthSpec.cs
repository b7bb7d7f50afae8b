namespace DeployOps.Health;

/// <summary>What must be well before a window opens.</summary>
public sealed record HealthSpec
{
    /// <summary>The probes, asked one after another.</summary>
    public IReadOnlyList<ProbeSpec> Probes { get; init; } = [];
}

namespace DeployOps.Migrations;

/// <summary>What the journal keeps of a migration that was planned: the versions that were pending, in order, frozen as they were.</summary>
/// <param name="From">The newest version before; null where there was none.</param>
/// <param name="Pending">The versions to apply.</param>
internal sealed record MigrationList(string? From, IReadOnlyList<string> Pending)
{
    /// <summary>The pending scripts with the hashes they had.</summary>
    public IReadOnlyList<FrozenScript> Scripts { get; init; } = [];

    /// <summary>How many replicas the database had then; null where that is not known. A gate expects as many until the phase has ended, whatever dies meanwhile.</summary>
    public int? Replicas { get; init; }
}

namespace DeployOps.Migrations;

/// <summary>What the journal keeps of a migration that was planned: the versions that were pending, in order.</summary>
/// <param name="From">The newest version before; null where there was none.</param>
/// <param name="Pending">The versions to apply.</param>
internal sealed record MigrationList(string? From, IReadOnlyList<string> Pending);

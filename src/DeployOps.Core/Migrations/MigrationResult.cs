using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>What a database migration came to.</summary>
public sealed record MigrationResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Migration;

    /// <summary>Each database of the plan that has migrations.</summary>
    public IReadOnlyList<DatabaseMigration> Databases { get; init; } = [];
}

using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations;

/// <summary>What a migration came to for one database.</summary>
public sealed record DatabaseMigration
{
    /// <summary>The database's name in the plan.</summary>
    public required string Database { get; init; }

    /// <summary>The newest version before; null where there was none.</summary>
    public string? From { get; init; }

    /// <summary>The newest version after; null where there is none.</summary>
    public string? To { get; init; }

    /// <summary>The scripts applied, or that would be, by file name in order.</summary>
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>The validation queries, judged; or those that would be asked, Unknown.</summary>
    public IReadOnlyList<ValidationCheck> Validations { get; init; } = [];

    /// <summary>What the migration made (<c>+</c>) and took away (<c>-</c>) of tables, columns, constraints and indexes, a line each; of those databases only that tell.</summary>
    public IReadOnlyList<string> SchemaChanges { get; init; } = [];

    /// <summary>What was seen while each script ran, by script in order; of those only that were watched.</summary>
    public IReadOnlyList<MigrationEvidence> Evidence { get; init; } = [];

    /// <summary>What the scripts did to the restored backup before; null where they were not rehearsed, or are others now.</summary>
    public MigrationRehearsal? Rehearsal { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Database}: {From ?? "no version"} -> {To ?? "no version"}, {Scripts.Count} scripts, {Validations.Count} validations";
}

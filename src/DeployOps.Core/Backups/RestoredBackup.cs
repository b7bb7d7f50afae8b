using DeployOps.Phases;

namespace DeployOps.Backups;

/// <summary>A backup that was put back, or would be.</summary>
public sealed record RestoredBackup
{
    /// <summary>The name of what it is of.</summary>
    public required string Name { get; init; }

    /// <summary>What it is of.</summary>
    public required BackupKind Kind { get; init; }

    /// <summary>The full path of the backup.</summary>
    public required string File { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>What is replaced: a folder's full path, or the database's name.</summary>
    public required string Target { get; init; }

    /// <summary>What the target holds that the backup does not, a line each; it is lost by restoring.</summary>
    public IReadOnlyList<string> Losses { get; init; } = [];

    /// <summary>Succeeded where the target was seen to hold what the backup holds; Planned under -WhatIf.</summary>
    public required PhaseOutcome Outcome { get; init; }

    /// <summary>What was restored and what is lost by it, in one line with its numbers.</summary>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}: {Summary}";
}

using DeployOps.Phases;

namespace DeployOps.Backups;

/// <summary>A backup that was taken without a window and proven, or would be.</summary>
public sealed record DeploymentBackup
{
    /// <summary>The name of what it is of: in the plan, or as it was given.</summary>
    public required string Name { get; init; }

    /// <summary>What it is of.</summary>
    public required BackupKind Kind { get; init; }

    /// <summary>The full path of the backup; its proof lies beside it.</summary>
    public required string File { get; init; }

    /// <summary>Its size in bytes; 0 where it was only planned.</summary>
    public long Size { get; init; }

    /// <summary>SHA-256 of the file, 64 hexadecimal digits; empty where it was only planned.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>When it was taken, UTC; when it was planned under -WhatIf.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Succeeded where it was restored into a scratch place and found equal; Planned under -WhatIf.</summary>
    public required PhaseOutcome Outcome { get; init; }

    /// <summary>What it holds, in one line with its numbers.</summary>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Summary}, {File}";
}

using DeployOps.Migrations.Rehearsal;

namespace DeployOps.Plans;

/// <summary>Whether a plan may be carried out, and everything that is against it.</summary>
public sealed record PlanTest
{
    /// <summary>The full path of the plan.</summary>
    public required string Path { get; init; }

    /// <summary>The service; empty where the plan cannot be read.</summary>
    public string Service { get; init; } = "";

    /// <summary>Where it is released to.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The version it is released as.</summary>
    public string Release { get; init; } = "";

    /// <summary>True where the plan has no mistake. Whether it is approved is another question.</summary>
    public bool IsValid => Errors.Count == 0;

    /// <summary>True where it is valid and approved exactly as it is.</summary>
    public bool IsApproved => IsValid && Deviations.Count == 0;

    /// <summary>Every mistake, with line and column.</summary>
    public IReadOnlyList<PlanError> Errors { get; init; } = [];

    /// <summary>What is no mistake but has to be known, with line and column: secrets that are too short to be kept out of logs and reports, and commands that the deploy script would not find here.</summary>
    public IReadOnlyList<PlanError> Warnings { get; init; } = [];

    /// <summary>How it differs from what was approved; who would start it is who tests it.</summary>
    public IReadOnlyList<PlanDeviation> Deviations { get; init; } = [];

    /// <summary>The digest over plan and files; empty where the plan has mistakes.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The files the approval covers, relative to the plan.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What its migrations did to restored backups, where a window of its environment rehearsed these very scripts; the newest for each database.</summary>
    public IReadOnlyList<MigrationRehearsal> Rehearsals { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => IsValid ? $"{Path}: valid, {(IsApproved ? "approved" : "not approved")}" : $"{Path}: {(Errors.Count == 1 ? "1 mistake" : $"{Errors.Count} mistakes")}";
}

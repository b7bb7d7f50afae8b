namespace DeployOps.Migrations.Imports;

/// <summary>A database that is taken in: what its history says from then on.</summary>
public sealed record HistoryImport
{
    /// <summary>Where it comes from: a tool with its table, or a baseline.</summary>
    public required string Source { get; init; }

    /// <summary>The newest version; null where there are repeatable scripts alone, or nothing.</summary>
    public string? Version { get; init; }

    /// <summary>Every row, oldest version first.</summary>
    public IReadOnlyList<AdoptedMigration> Scripts { get; init; } = [];

    /// <summary>The scripts of the folder that the next migration would apply, by file name.</summary>
    public IReadOnlyList<string> Pending { get; init; } = [];

    /// <summary>Whether it was written; false where it was only planned.</summary>
    public bool Written { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Scripts.Count} scripts, {Version ?? "no version"}";
}

namespace DeployOps.Migrations.Imports;

/// <summary>A row of another tool's history, as that tool wrote it.</summary>
/// <param name="Script">The script's name.</param>
/// <param name="AppliedAt">When it ran.</param>
public sealed record ForeignMigration(string Script, DateTimeOffset AppliedAt)
{
    /// <summary>What the row is in the tool's words, such as Flyway's <c>SQL</c> or Evolve's <c>0</c>; empty where it has none.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The version as it is written; null where there is none.</summary>
    public string? Version { get; init; }

    /// <summary>The words of the script's name.</summary>
    public string Description { get; init; } = "";

    /// <summary>The tool's checksum; null where it kept none.</summary>
    public string? Checksum { get; init; }

    /// <summary>Who ran it, as far as the tool kept that.</summary>
    public string AppliedBy { get; init; } = "";

    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded { get; init; } = true;
}

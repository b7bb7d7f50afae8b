namespace DeployOps.Migrations;

/// <summary>A script of a migrations folder.</summary>
public sealed record MigrationScript
{
    /// <summary>Its version; numeric parts compare as numbers. Its name where it is repeatable.</summary>
    public required MigrationVersion Version { get; init; }

    /// <summary>The words of its file name after the version.</summary>
    public required string Description { get; init; }

    /// <summary>Its file name.</summary>
    public required string FileName { get; init; }

    /// <summary>Its text, without a byte order mark.</summary>
    public required string Sql { get; init; }

    /// <summary>SHA-256 of the text in UTF-8 with line endings made LF and no byte order mark; 64 hexadecimal digits.</summary>
    public required string Checksum { get; init; }

    /// <summary>True for a <c>U…</c> script, which undoes the version it names.</summary>
    public bool IsUndo { get; init; }

    /// <summary>True for an <c>R…</c> script, which has no version, comes after all that have one, and is run again whenever its text changes.</summary>
    public bool IsRepeatable => Version.IsRepeatable;

    /// <inheritdoc/>
    public override string ToString() => FileName;
}

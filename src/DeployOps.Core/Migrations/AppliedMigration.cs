namespace DeployOps.Migrations;

/// <summary>A row of a database's migration history.</summary>
/// <param name="Version">The version, or the name of a repeatable script.</param>
/// <param name="Description">The words of its file name.</param>
/// <param name="Checksum">The script's checksum when it was applied; <see cref="NoScript"/> where the database was taken in at this version without one.</param>
/// <param name="AppliedAt">When, UTC.</param>
/// <param name="AppliedBy">By whom, with the window's id where there was one.</param>
public sealed record AppliedMigration(MigrationVersion Version, string Description, string Checksum, DateTimeOffset AppliedAt, string AppliedBy)
{
    /// <summary>What stands for the checksum of a version whose script is older than the folder.</summary>
    public const string NoScript = "-";

    /// <summary>Whether no script is asked for.</summary>
    public bool IsWithoutScript => Checksum == NoScript;

    /// <summary>Whether this text of the script was applied.</summary>
    public bool IsOf(MigrationScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return script.Checksum.Equals(Checksum, StringComparison.OrdinalIgnoreCase);
    }
}

namespace DeployOps.Migrations;

/// <summary>A row of a database's migration history.</summary>
/// <param name="Version">The version.</param>
/// <param name="Description">The words of its file name.</param>
/// <param name="Checksum">The script's checksum when it was applied.</param>
/// <param name="AppliedAt">When, UTC.</param>
/// <param name="AppliedBy">By whom, with the window's id where there was one.</param>
public sealed record AppliedMigration(MigrationVersion Version, string Description, string Checksum, DateTimeOffset AppliedAt, string AppliedBy);

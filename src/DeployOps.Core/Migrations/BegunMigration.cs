namespace DeployOps.Migrations;

/// <summary>A script that was begun outside of a transaction and did not end, with something of it in effect: it is in no list of what is applied.</summary>
/// <param name="Version">The version.</param>
/// <param name="FileName">Its file name when it was begun.</param>
/// <param name="IsUndo">Whether it takes the version back.</param>
/// <param name="Statements">How many of its statements are, or may be, in effect.</param>
/// <param name="BegunAt">When, UTC.</param>
/// <param name="AppliedBy">By whom, with the window's id where there was one.</param>
public sealed record BegunMigration(MigrationVersion Version, string FileName, bool IsUndo, int Statements, DateTimeOffset BegunAt, string AppliedBy);

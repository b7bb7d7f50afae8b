namespace DeployOps.Migrations;

/// <summary>A pending script as it was when the migration was planned.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Checksum">Of its text, line endings apart: what the history will hold, and what tells later whether it is the one that was applied.</param>
/// <param name="RawChecksum">Of its bytes: only these are run.</param>
internal sealed record FrozenScript(string Version, string Checksum, string RawChecksum);

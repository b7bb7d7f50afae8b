namespace DeployOps.Backups;

/// <summary>What a database holds, so that two copies can be compared.</summary>
/// <param name="Schema">SHA-256 of the normalised schema; 64 hexadecimal digits.</param>
/// <param name="Tables">Every table, by name.</param>
public sealed record DatabaseFingerprint(string Schema, IReadOnlyList<TableFingerprint> Tables);

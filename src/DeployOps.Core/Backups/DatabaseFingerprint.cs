namespace DeployOps.Backups;

/// <summary>What a database holds, so that two copies can be compared.</summary>
/// <param name="Schema">SHA-256 of the normalised schema; 64 hexadecimal digits.</param>
/// <param name="Tables">Every table, by name.</param>
public sealed record DatabaseFingerprint(string Schema, IReadOnlyList<TableFingerprint> Tables)
{
    /// <summary>Every sequence, by name; empty where the kind of database has none or an earlier version took it.</summary>
    public IReadOnlyList<SequenceFingerprint> Sequences { get; init; } = [];
}

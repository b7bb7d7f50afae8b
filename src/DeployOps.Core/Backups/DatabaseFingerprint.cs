using System.Text.Json.Serialization;

namespace DeployOps.Backups;

/// <summary>What a database holds, so that two copies can be compared.</summary>
/// <param name="Schema">SHA-256 of the normalised schema; 64 hexadecimal digits.</param>
/// <param name="Tables">Every table, by name.</param>
public sealed record DatabaseFingerprint(string Schema, IReadOnlyList<TableFingerprint> Tables)
{
    /// <summary>Every sequence, by name; empty where the kind of database has none or an earlier version took it.</summary>
    public IReadOnlyList<SequenceFingerprint> Sequences { get; init; } = [];

    /// <summary>The logical replication slots of a live database, by name, where it was looked at to tell what a restore loses: they go with the database that is replaced. No backup holds any.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Slots { get; init; } = [];
}

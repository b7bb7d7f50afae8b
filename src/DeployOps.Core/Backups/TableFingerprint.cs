using System.Text.Json.Serialization;

namespace DeployOps.Backups;

/// <summary>What one table holds.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Hash">A hash of every value with its type, independent of the order of rows.</param>
public sealed record TableFingerprint(string Name, long Rows, string Hash)
{
    /// <summary>The columns the hash is of, in that order; empty where an earlier version took it.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The stored columns of a live table that the backup by whose columns it was read has not: they are in no hash. No backup has any.</summary>
    [JsonIgnore]
    public IReadOnlyList<AddedColumn> Added { get; init; } = [];

    /// <summary>Whether it is in no snapshot, since its engine knows no transactions: where somebody writes to it meanwhile, what is hashed is not what is copied. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasNoSnapshot { get; init; }
}

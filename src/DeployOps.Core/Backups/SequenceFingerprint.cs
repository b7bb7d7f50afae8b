namespace DeployOps.Backups;

/// <summary>Where a sequence stands.</summary>
/// <param name="Name">The sequence's name.</param>
/// <param name="Value">The last value it gave, or <c>not called</c>.</param>
public sealed record SequenceFingerprint(string Name, string Value);

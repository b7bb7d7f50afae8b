namespace DeployOps.Migrations.Watching;

/// <summary>What the server keeps of its log for a replica, whether that is there or not.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsActive">Whether a replica uses it now.</param>
/// <param name="Status">The server's word for it: <c>reserved</c>, <c>extended</c>, <c>unreserved</c> where the log may be removed at the next checkpoint, <c>lost</c> where it was.</param>
/// <param name="Held">How much of the log it keeps, in bytes.</param>
/// <param name="Safe">How much more may be written before it loses what it keeps, in bytes; null where there is no such limit.</param>
public sealed record ReplicationSlot(string Name, bool IsActive, string Status, long Held, long? Safe)
{
    // A segment of the log is kept anyway.
    private const long Noticeable = 16L * 1024 * 1024;

    /// <summary>Whether its replica can never come back.</summary>
    public bool IsLost => Status == "lost";

    /// <summary>Whether it keeps much for a replica that is not there.</summary>
    public bool IsIdle => !IsActive && !IsLost && Held >= Noticeable;

    /// <summary>
    /// Whether it would lose what it keeps if so much more were written; where it may keep less than twice that at all (<c>max_slot_wal_keep_size</c>), whether half of what it may keep is used
    /// up. Of a slot whose replica follows next to nothing is, so that a small limit alone is no danger.
    /// </summary>
    /// <param name="bytes">How much.</param>
    public bool IsInDanger(long bytes) => Status == "unreserved" || (!IsLost && Safe is { } safe && safe < Math.Min(bytes, (Held + safe) / 2));

    /// <inheritdoc/>
    public override string ToString() => $"slot {Name}{(IsActive ? "" : ", inactive,")} keeps {WatchText.Size(Held)} of the log{(Safe is { } safe ? $" and can keep {WatchText.Size(Math.Max(safe, 0))} more" : "")}";
}

namespace DeployOps.Migrations.Watching;

/// <summary>What one look at the server saw.</summary>
public sealed record MigrationSample
{
    /// <summary>How long after the script's beginning.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>What our session does, in the server's word: <c>active</c>, <c>idle in transaction</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>What it waits for, such as <c>Lock/relation</c>; empty where it works.</summary>
    public string WaitsFor { get; init; } = "";

    /// <summary>Whether it waits for a lock that somebody else holds.</summary>
    public bool WaitsForLock { get; init; }

    /// <summary>The locks it holds that keep writers out, or readers too, such as <c>AccessExclusiveLock on orders</c>.</summary>
    public IReadOnlyList<string> StrongLocks { get; init; } = [];

    /// <summary>Whom it blocks.</summary>
    public BlockedSessions Blocks { get; init; } = BlockedSessions.None;

    /// <summary>Who blocks it.</summary>
    public IReadOnlyList<string> BlockedBy { get; init; } = [];

    /// <summary>The replicas that are there; null where there are some and how far they are behind is not known.</summary>
    public IReadOnlyList<ReplicaLag>? Replicas { get; init; } = [];

    /// <summary>Why that is not known, and what to do; empty where it is.</summary>
    public string ReplicasUnknown { get; init; } = "";

    /// <summary>Transactions of others that are older than the limit.</summary>
    public IReadOnlyList<OldTransaction> OldTransactions { get; init; } = [];

    /// <summary>Why there may be others that are not seen to be old, and what to do; empty where all are seen.</summary>
    public string OldTransactionsUnknown { get; init; } = "";

    /// <summary>The room on the server's disk, of several on that which has the least; null where it is not known.</summary>
    public FreeSpace? Disk { get; init; }

    /// <summary>Why that is not known, or not of all its disks; empty where it is.</summary>
    public string DiskUnknown { get; init; } = "";

    /// <summary>The room on its other disks, where it has several: those of its log and of tablespaces.</summary>
    public IReadOnlyList<FreeSpace> OtherDisks { get; init; } = [];

    /// <summary>How busy the server's processors were since the look before, 0 to 1; null where it is not known.</summary>
    public double? Cpu { get; init; }

    /// <summary>Why it is not known; empty where it is, or may be known at the next look.</summary>
    public string CpuUnknown { get; init; } = "";

    /// <summary>What the server keeps of its log for replicas.</summary>
    public IReadOnlyList<ReplicationSlot> Slots { get; init; } = [];

    /// <summary>By how much the database has grown since this was first measured, in bytes; null where that is not measured, as where the server knows how far the statement is.</summary>
    public long? Grown { get; init; }

    /// <summary>How far the statement is, 0 to 100, where the server knows it.</summary>
    public int? Percent { get; init; }

    /// <summary>What it is doing, in the server's words; empty where it does not say.</summary>
    public string Work { get; init; } = "";
}

namespace DeployOps.Migrations.Watching;

/// <summary>
/// What a migration may do to others while it runs, and what it waits for before it goes on. Every limit reads "allowed up to and including". Kinds of databases that are not
/// watched heed none of them.
/// </summary>
public sealed record MigrationLimits
{
    /// <summary>How many sessions may wait for the migration at once. Default 5.</summary>
    public int MaxBlocked { get; init; } = 5;

    /// <summary>How long one session may wait for the migration. Default 1 s.</summary>
    public TimeSpan MaxBlockedFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a statement waits for a lock that keeps others waiting behind it, rounded up to what the server can count. Default 2 s. What works beside readers and writers, such as
    /// <c>CREATE INDEX CONCURRENTLY</c> and <c>VALIDATE CONSTRAINT</c> of PostgreSQL, waits as long as its script may run.
    /// </summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a script, or outside of a transaction a statement, is tried that did not get a lock; 1 or more, default 10. The pauses between are random, up to 60 s.</summary>
    public int LockTries { get; init; } = 10;

    /// <summary>How far a replica may be behind in time before the migration goes on. Default 10 s.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far a replica may be behind in bytes of the log before the migration goes on. Default 64 MiB, four segments of PostgreSQL's log.</summary>
    public long MaxLagBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How many replicas there have to be; null, the default, means as many as were there when the migration was planned, or without a plan at the first look.
    /// Once so many are known on MariaDB, others that read its binary log without <c>report_host</c> are left out, and told.</summary>
    public int? Replicas { get; init; }

    /// <summary>
    /// Replicas that are behind on purpose, such as those with <c>recovery_min_apply_delay</c>, by the names that a held gate tells. They have to be there as the others have, and how far
    /// they are behind holds nothing. Default none.
    /// </summary>
    public IReadOnlyList<string> DelayedReplicas { get; init; } = [];

    /// <summary>How old a transaction of somebody else may be before the migration goes on: it would keep locks from it, and indexes invalid. Default 30 s.</summary>
    public TimeSpan LongTransaction { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What must be free on the server's disk: below 1 a fraction of it, from 1 on bytes. Default 0.05. It is known only where the server runs on the same machine.
    /// The disks of PostgreSQL's log and of the tablespaces that the database uses count too.
    /// </summary>
    public double MinFreeDisk { get; init; } = 0.05;

    /// <summary>
    /// Whether somebody asked for <see cref="LongTransaction"/>, and does not only have its default: where it cannot be seen how long others have been in a transaction, that is critical then,
    /// and else told. Default false.
    /// </summary>
    public bool MustKnowTransactions { get; init; }

    /// <summary>The same for <see cref="MinFreeDisk"/>. Default false.</summary>
    public bool MustKnowDisk { get; init; }

    /// <summary>How busy the processors of the database's host may be before the migration goes on, more than 0 to 1; null, the default, for as busy as they are.</summary>
    public double? MaxCpu { get; init; }

    /// <summary>How long one gate waits before it fails. Default 5 minutes; it counts as time of the script.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After how many looks in a row that are critical, such as a replica that is gone, a gate fails without waiting any longer. 1 or more, default 3.</summary>
    public int CriticalSamples { get; init; } = 3;
}

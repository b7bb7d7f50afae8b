namespace DeployOps.Migrations.Lint;

/// <summary>How large and how busy a table is. Null is what is not known.</summary>
/// <param name="Rows">The estimated number of rows.</param>
/// <param name="Bytes">Its size with indexes and what is stored aside, in bytes.</param>
/// <param name="WritesPerSecond">Rows inserted, updated and deleted a second.</param>
/// <param name="ReferencedBy">How many foreign keys of other tables point at it: their writes wait for its locks too.</param>
public sealed record TableFacts(long? Rows, long? Bytes, double? WritesPerSecond, int? ReferencedBy)
{
    private const long SmallRows = 10_000;
    private const long SmallBytes = 16L << 20;
    private const double QuietWrites = 1;
    private const long LargeRows = 1_000_000;
    private const long LargeBytes = 1L << 30;
    private const double BusyWrites = 100;
    private const int MuchReferenced = 5;

    /// <summary>10,000 rows, 16 MiB and one write a second or less, and no foreign key at it: a scan or a rewrite is over in milliseconds. Unknown is not small.</summary>
    public bool IsSmall => Rows <= SmallRows && Bytes <= SmallBytes && WritesPerSecond <= QuietWrites && ReferencedBy == 0;

    /// <summary>1,000,000 rows, 1 GiB, 100 writes a second or 5 foreign keys at it, or more: a lock or a scan is felt.</summary>
    public bool IsLarge => Rows >= LargeRows || Bytes >= LargeBytes || WritesPerSecond >= BusyWrites || ReferencedBy >= MuchReferenced;
}

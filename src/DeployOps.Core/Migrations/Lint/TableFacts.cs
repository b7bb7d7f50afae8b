using System.Globalization;
using DeployOps.Migrations.Watching;

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

    /// <summary>Whether the database has one writer at a time, who keeps all others waiting whatever the table, so that how often it is written does not matter. Default false.</summary>
    public bool HasOneWriter { get; init; }

    /// <summary>10,000 rows, 16 MiB and one write a second or less, and no foreign key at it: a scan or a rewrite is over in milliseconds. Unknown is not small.</summary>
    public bool IsSmall => Rows <= SmallRows && Bytes <= SmallBytes && (HasOneWriter || WritesPerSecond <= QuietWrites) && ReferencedBy == 0;

    /// <summary>1,000,000 rows, 1 GiB, 100 writes a second or 5 foreign keys at it, or more: a lock or a scan is felt.</summary>
    public bool IsLarge => Rows >= LargeRows || Bytes >= LargeBytes || WritesPerSecond >= BusyWrites || ReferencedBy >= MuchReferenced;

    /// <inheritdoc/>
    public override string ToString() => string.Join(
        ", ",
        Rows is null ? "an unknown number of rows" : string.Create(CultureInfo.InvariantCulture, $"about {Rows:N0} rows"),
        Bytes is null ? "an unknown size" : WatchText.Size(Bytes.Value),
        HasOneWriter ? "one writer at a time" : Writes,
        ReferencedBy is null ? "an unknown number of foreign keys at it" : string.Create(CultureInfo.InvariantCulture, $"{ReferencedBy} foreign keys at it"));

    private string Writes => WritesPerSecond is null ? "an unknown number of writes" : string.Create(CultureInfo.InvariantCulture, $"{WritesPerSecond:0.#} writes a second");
}

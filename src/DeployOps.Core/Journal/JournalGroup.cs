namespace DeployOps.Journal;

/// <summary>Records that are synced together: when the machine stops before that, any of them may be torn.</summary>
/// <param name="first">The number of its first record.</param>
/// <param name="start">Where that begins in the file.</param>
internal sealed class JournalGroup(long first, long start)
{
    /// <summary>
    /// Where a group ends, in bytes: 64 KiB, some hundred records. A longer end of a journal that is not whole was not torn by one
    /// interrupted sync, and is refused.
    /// </summary>
    internal const int Largest = 64 * 1024;

    private readonly List<(JournalAppend Append, JournalRecord Record)> written = [];

    internal long First => first;

    internal bool IsEmpty => written.Count == 0;

    /// <summary>Whether the next record begins another group.</summary>
    internal bool IsFull(long position) => position - start >= Largest;

    internal void Add(JournalAppend append, JournalRecord record) => written.Add((append, record));

    /// <summary>Tells those who wait that their records are on the disk.</summary>
    internal void Tell() => written.ForEach(one => one.Append.Succeed(one.Record));
}

namespace DeployOps.Journal;

/// <summary>A record that somebody waits to have on the disk.</summary>
/// <param name="entry">What to write, redacted.</param>
/// <param name="epoch">The writer's epoch, or null where it needs none.</param>
internal sealed class JournalAppend(JournalEntry entry, long? epoch)
{
    private readonly TaskCompletionSource<JournalRecord> written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal JournalEntry Entry => entry;

    internal long? Epoch => epoch;

    /// <summary>Ends when the record is on the disk.</summary>
    internal Task<JournalRecord> Written => written.Task;

    internal void Succeed(JournalRecord record) => written.TrySetResult(record);

    /// <summary>Tells why it is not; one that is on the disk already stays so.</summary>
    internal void Fail(Exception reason) => written.TrySetException(reason);
}

namespace DeployOps.Journal;

/// <summary>Reads whole lines one after another and verifies that each follows the one before it.</summary>
internal sealed class JournalReader
{
    // What lies before the count is never written again, so that a segment that was given away stays as it is.
    private JournalRecord[] records = new JournalRecord[64];
    private int count;

    /// <summary>What was read so far, in order; it does not change when more is read, so other threads may have it.</summary>
    internal IReadOnlyList<JournalRecord> Records => new ArraySegment<JournalRecord>(records, 0, count);

    /// <summary>The number of the record that comes next.</summary>
    internal long Next => count + 1L;

    /// <summary>The last record; null while there is none.</summary>
    internal JournalRecord? Last => count == 0 ? null : records[count - 1];

    /// <summary>Where the first byte that was not read as a whole line stands.</summary>
    internal long Position { get; private set; }

    /// <summary>The hash of the last line, which the next one names.</summary>
    internal string Head => Last?.Hash ?? JournalLine.NoPrevious;

    /// <summary>The first line that is wrong; null while all are right. Nothing is read behind it.</summary>
    internal JournalFault? Fault { get; private set; }

    /// <summary>Takes the bytes from <see cref="Position"/> on.</summary>
    /// <returns>What stands behind the last newline: nothing, a line still being written, or what a crash left.</returns>
    internal ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> bytes)
    {
        while (Fault is null)
        {
            var end = bytes.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                break;
            }

            var line = bytes[..end];
            if (line.Span.Contains((byte)0) && TornEnd.MayBe(bytes.Span, Position, Next))
            {
                break;
            }

            Accept(line);
            if (Fault is null)
            {
                bytes = bytes[(end + 1)..];
            }
        }

        if (Fault is null && bytes.Length > 0 && !TornEnd.MayBe(bytes.Span, Position, Next))
        {
            Fault = new JournalFault(Next, "its end is neither whole nor what an interrupted write leaves");
        }

        return bytes;
    }

    /// <summary>Takes a record that was just written at <see cref="Position"/>.</summary>
    /// <param name="record">The record.</param>
    /// <param name="length">The bytes of its line with the newline.</param>
    internal void Append(JournalRecord record, int length)
    {
        if (count == records.Length)
        {
            Array.Resize(ref records, 2 * count);
        }

        records[count++] = record;
        Position += length;
    }

    private void Accept(ReadOnlyMemory<byte> line)
    {
        if (JournalLine.Read(line, Next, Head, out var reason) is { } record)
        {
            Append(record, line.Length + 1);
        }
        else
        {
            Fault = new JournalFault(Next, reason);
        }
    }
}

namespace DeployOps.Journal;

/// <summary>Reads whole lines one after another and verifies that each follows the one before it.</summary>
internal sealed class JournalReader
{
    private readonly List<JournalRecord> records = [];

    /// <summary>What was read so far, in order.</summary>
    internal IReadOnlyList<JournalRecord> Records => records;

    /// <summary>Where the first byte that was not read as a whole line stands.</summary>
    internal long Position { get; private set; }

    /// <summary>The hash of the last line, which the next one names.</summary>
    internal string Head => records.Count == 0 ? JournalLine.NoPrevious : records[^1].Hash;

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
            // Only the last line can be torn: the next one was written when it was on the disk.
            if (end == bytes.Length - 1 && TornLine.HasUnwrittenSectors(line.Span, Position))
            {
                break;
            }

            Accept(line.Span);
            if (Fault is null)
            {
                Position += end + 1;
                bytes = bytes[(end + 1)..];
            }
        }

        if (Fault is null && bytes.Length > 0 && !TornLine.MayBe(bytes.Span, Position))
        {
            Fault = new JournalFault(records.Count + 1L, "its end is neither whole nor what an interrupted write leaves");
        }

        return bytes;
    }

    private void Accept(ReadOnlySpan<byte> line)
    {
        var seq = records.Count + 1L;
        if (JournalLine.Read(line, seq, Head, out var reason) is { } record)
        {
            records.Add(record);
        }
        else
        {
            Fault = new JournalFault(seq, reason);
        }
    }
}

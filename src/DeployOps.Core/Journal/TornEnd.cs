namespace DeployOps.Journal;

/// <summary>
/// What a sync that was interrupted leaves at a journal's end: a beginning of a line, zeros from some byte on where the size reached the disk before
/// the text did, or zeros in whole sectors that were not written, in any line of the group that was to be synced. Anything else was changed, not torn.
/// </summary>
internal static class TornEnd
{
    /// <summary>The unit a disk writes as a whole; larger physical sectors are multiples of it.</summary>
    private const int Sector = 512;

    /// <summary>Whether the bytes from this place in the file to its end may be a torn group.</summary>
    /// <param name="end">The bytes from the first line that is not whole on.</param>
    /// <param name="place">Where they begin in the file.</param>
    /// <param name="seq">The number of the first record that is missing.</param>
    internal static bool MayBe(ReadOnlySpan<byte> end, long place, long seq)
    {
        for (var at = 0; at < JournalGroup.Largest;)
        {
            var rest = end[at..];
            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
            {
                return MayBeLast(rest, place + at);
            }

            // A whole line behind a torn one was synced with it, or else it was written when that was on the disk.
            if (!HasUnwrittenSectors(rest[..length], place + at) && (at == 0 || !(JournalLine.Group(rest[..length]) <= seq)))
            {
                return false;
            }

            at += length + 1;
            if (at == end.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBeLast(ReadOnlySpan<byte> tail, long place)
    {
        // The text of a line never holds a zero: from the first one of the last run on, the tail was not written.
        var text = tail.TrimEnd((byte)0);
        return AreZerosSectors(text, place) && !(text.Length == tail.Length && JournalLine.IsWhole(text[..^1]));
    }

    /// <summary>Whether a line that has its newline lacks whole sectors before it.</summary>
    private static bool HasUnwrittenSectors(ReadOnlySpan<byte> line, long place) => line.Contains((byte)0) && AreZerosSectors(line, place);

    private static bool AreZerosSectors(ReadOnlySpan<byte> text, long place)
    {
        for (var at = text.IndexOf((byte)0); at >= 0 && at < text.Length;)
        {
            var length = text[at..].IndexOfAnyExcept((byte)0);
            var end = length < 0 ? text.Length : at + length;
            var beginsSector = at == 0 || (place + at) % Sector == 0;
            if (!beginsSector || (place + end) % Sector != 0)
            {
                return false;
            }

            var next = text[end..].IndexOf((byte)0);
            at = next < 0 ? -1 : end + next;
        }

        return true;
    }
}

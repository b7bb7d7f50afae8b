namespace DeployOps.Journal;

/// <summary>
/// What a write that was interrupted leaves at a journal's end: a beginning of the line, zeros from some byte on where the size reached the disk before
/// the text did, or zeros in whole sectors that were not written. Anything else was changed, not torn.
/// </summary>
internal static class TornLine
{
    /// <summary>The unit a disk writes as a whole; larger physical sectors are multiples of it.</summary>
    private const int Sector = 512;

    /// <summary>Whether the bytes at the end of the journal, from this place in the file on, may be a torn line.</summary>
    internal static bool MayBe(ReadOnlySpan<byte> tail, long place)
    {
        if (tail[^1] == (byte)'\n')
        {
            return HasUnwrittenSectors(tail[..^1], place);
        }

        // The text of a line never holds a zero: from the first one of the last run on, the tail was not written.
        var text = tail.TrimEnd((byte)0);
        return AreZerosSectors(text, place) && !(text.Length == tail.Length && JournalLine.IsWhole(text[..^1]));
    }

    /// <summary>Whether a line that has its newline lacks whole sectors before it.</summary>
    internal static bool HasUnwrittenSectors(ReadOnlySpan<byte> line, long place) => line.Contains((byte)0) && AreZerosSectors(line, place);

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

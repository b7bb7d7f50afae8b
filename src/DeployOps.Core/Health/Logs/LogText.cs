using System.Buffers;
using System.Text;

namespace DeployOps.Health.Logs;

/// <summary>
/// The lines of a log from a place on: UTF-8, UTF-16 where the file begins with its mark, and Latin-1 for a line that is no UTF-8. A line that has no end yet is left for
/// the next time.
/// </summary>
/// <param name="stream">The file.</param>
/// <param name="offset">Where a line begins.</param>
internal sealed class LogText(FileStream stream, long offset)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Where the first line begins that was not read.</summary>
    internal long Offset { get; private set; } = offset;

    /// <summary>How long the last line is that was taken without an end; 0 where it has one.</summary>
    internal long Tail { get; private set; }

    /// <summary>The text of some bytes of the file.</summary>
    /// <param name="from">Where they begin.</param>
    /// <param name="length">How many there are; no more are read than the longest line has.</param>
    internal string Part(long from, long length)
    {
        var wide = WideEncoding();
        var bytes = new byte[(int)Math.Min(length, LogReader.LongestLine)];
        stream.Position = from;
        return Decode(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)), wide);
    }

    /// <summary>Reads to the end of the file, or as far as may be.</summary>
    /// <param name="withLast">Whether a last line without an end is taken too.</param>
    /// <param name="most">The most bytes of whole lines that are read; one line more where it ends beyond.</param>
    internal List<LogLine> Read(bool withLast, long most = long.MaxValue)
    {
        var start = Offset;
        var wide = WideEncoding();
        var unit = wide is null ? 1 : 2;
        var isCutIn = Offset > 0 && !IsLineStart(wide, unit);
        var lines = new List<LogLine>();
        var line = new LineBytes(wide is { } known && known.GetPreamble()[0] == 0xFE);
        var buffer = new byte[65_536];
        stream.Position = Offset;
        int read;
        while (Offset - start < most && (read = stream.ReadAtLeast(buffer, unit, throwOnEndOfStream: false)) >= unit)
        {
            var whole = read - (read % unit);
            stream.Position -= read - whole;
            for (var i = 0; i < whole; i += unit)
            {
                if (line.Add(buffer.AsSpan(i, unit)))
                {
                    Take();
                }
            }
        }

        if (withLast && line.Length > 0 && stream.Position >= stream.Length)
        {
            Tail = line.Length;
            Take();
        }

        return lines;

        void Take()
        {
            var begin = Offset;
            Offset += line.Length;
            if (isCutIn)
            {
                // What was begun before the place is no whole line.
                isCutIn = false;
            }
            else
            {
                lines.Add(new LogLine(Decode(line.Kept, wide), begin));
            }

            line.Clear();
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, Encoding? wide)
    {
        string text;
        try
        {
            text = (wide ?? Strict).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            text = Encoding.Latin1.GetString(bytes);
        }

        return text.Trim('\uFEFF', '\0', '\r', '\n');
    }

    private Encoding? WideEncoding()
    {
        Span<byte> start = stackalloc byte[2];
        stream.Position = 0;
        var read = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);

        return read < 2 ? null : (start[0], start[1]) switch
        {
            (0xFF, 0xFE) => Encoding.Unicode,
            (0xFE, 0xFF) => Encoding.BigEndianUnicode,
            _ => null,
        };
    }

    private bool IsLineStart(Encoding? wide, int unit)
    {
        Offset -= Offset % unit;
        var before = new byte[unit];
        stream.Position = Offset - unit;
        stream.ReadExactly(before);

        return (wide ?? Encoding.Latin1).GetString(before) == "\n";
    }

    /// <summary>The bytes of one line, of which no more are kept than the longest line has.</summary>
    private sealed class LineBytes(bool isBigEndian)
    {
        private readonly ArrayBufferWriter<byte> kept = new();

        /// <summary>How many bytes it has, those that are not kept too.</summary>
        internal long Length { get; private set; }

        internal ReadOnlySpan<byte> Kept => kept.WrittenSpan;

        /// <summary>Adds a unit; true where it ends the line.</summary>
        internal bool Add(ReadOnlySpan<byte> unit)
        {
            Length += unit.Length;
            if (kept.WrittenCount < LogReader.LongestLine)
            {
                kept.Write(unit);
            }

            return unit.Length == 1 ? unit[0] == '\n' : isBigEndian ? unit[0] == 0 && unit[1] == '\n' : unit[0] == '\n' && unit[1] == 0;
        }

        internal void Clear()
        {
            kept.ResetWrittenCount();
            Length = 0;
        }
    }
}

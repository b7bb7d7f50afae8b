using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Migrations.Sql;

/// <summary>
/// The text of a file of SQL as it is read: no byte order mark, line endings made LF, within texts and copied rows too, so that a checkout which changes them changes no data. What is in memory is one block, however long the file is. Read to its end, it has hashed
/// every byte: as they are, and as the text says.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="block">How many bytes to read at a time, from 4 on: a byte order mark and any character are within one.</param>
internal sealed class SqlReader(SqlFile file, int block = SqlReader.Block) : TextReader
{
    private const int Block = 64 * 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stream stream = file.Open();
    private readonly IncrementalHash raw = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash text = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Decoder decoder = StrictUtf8.GetDecoder();
    // Lent: a folder of small scripts is read several times over, and blocks of this size are the dearest garbage there is.
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(block);
    private byte[] lines = ArrayPool<byte>.Shared.Rent(block);
    private char[] chars = ArrayPool<char>.Shared.Rent(block + 4);
    private int at;
    private int filled;
    private bool hasBegun;
    private bool wasReturn;
    private int feeds;
    private int? firstStray;
    private bool isAtEnd;

    /// <summary>SHA-256 of the bytes as they are, told when they are read to the end.</summary>
    internal string? RawChecksum { get; private set; }

    /// <summary>SHA-256 of the text in UTF-8, told when it is read to the end.</summary>
    internal string? Checksum { get; private set; }

    /// <summary>
    /// The first line, from 1, on which a carriage return ends no line, though others end in a line feed: it is of a text, or of a row that is copied, and would be read as a line feed. Told
    /// when it is read to the end; null where there is none.
    /// </summary>
    internal int? StrayReturn { get; private set; }

    /// <summary>What the bytes have to be; read to their end and found to be others, they are refused. Null where they are not known yet.</summary>
    internal string? Expected { get; init; }

    /// <inheritdoc/>
    public override int Peek() => Fill() ? chars[at] : -1;

    /// <inheritdoc/>
    public override int Read() => Fill() ? chars[at++] : -1;

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return Read(buffer.AsSpan(index, count));
    }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>SqlFileUnreadable</c>; <c>MigrationEncodingInvalid</c> where it is no UTF-8 text; <c>MigrationScriptChanged</c> where it is not what it was.</exception>
    public override int Read(Span<char> buffer)
    {
        if (buffer.Length == 0 || !Fill())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, filled - at);
        chars.AsSpan(at, count).CopyTo(buffer);
        at += count;
        return count;
    }

    /// <summary>Reads what is left, for its hashes.</summary>
    internal void Skip()
    {
        while (Fill())
        {
            at = filled;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
            raw.Dispose();
            text.Dispose();
            GiveBack();
        }

        base.Dispose(disposing);
    }

    private void GiveBack()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<byte>.Shared.Return(lines);
        ArrayPool<char>.Shared.Return(chars);
        // Whoever reads or closes it once more has none of them.
        (bytes, lines, chars, at, filled, isAtEnd) = ([], [], [], 0, 0, true);
    }

    private bool Fill()
    {
        while (at >= filled && !isAtEnd)
        {
            var read = 0;
            file.Guard(() => read = stream.ReadAtLeast(bytes.AsSpan(0, block), block, throwOnEndOfStream: false));
            isAtEnd = read < block;
            raw.AppendData(bytes, 0, read);
            Decode(Normalise(bytes.AsSpan(0, read)));
            if (isAtEnd)
            {
                End();
            }
        }

        return at < filled;
    }

    // A byte of a line ending is never part of another character in UTF-8.
    private ReadOnlySpan<byte> Normalise(ReadOnlySpan<byte> read)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        read = !hasBegun && read.StartsWith(mark) ? read[mark.Length..] : read;
        hasBegun = true;
        // A NUL would end the text for a server while the checksum covers what follows; UTF-16 without a mark shows itself by it.
        if (read.Contains((byte)0))
        {
            throw NotText();
        }

        NoteStrays(read);
        read = wasReturn && read is [(byte)'\n', ..] ? read[1..] : read;
        wasReturn = read.Length > 0 ? read[^1] == '\r' : wasReturn && !isAtEnd;
        if (!read.Contains((byte)'\r'))
        {
            return read;
        }

        var length = 0;
        for (var i = 0; i < read.Length; i++)
        {
            lines[length++] = read[i] == '\r' ? (byte)'\n' : read[i];
            i += read[i] == '\r' && i + 1 < read.Length && read[i + 1] == '\n' ? 1 : 0;
        }

        return lines.AsSpan(0, length);
    }

    // Of a file whose lines all end in a carriage return alone, none is stray.
    private void NoteStrays(ReadOnlySpan<byte> read)
    {
        for (var i = firstStray is null ? NextReturn(read, -1) : read.Length; i < read.Length && firstStray is null; i = NextReturn(read, i))
        {
            firstStray = i + 1 < read.Length && read[i + 1] is not ((byte)'\n' or (byte)'\r') ? feeds + 1 + read[..i].Count((byte)'\n') : null;
        }

        feeds += read.Count((byte)'\n');
    }

    // The one that ended the block before stands before the first byte of this one.
    private int NextReturn(ReadOnlySpan<byte> read, int after)
    {
        if (after < 0 && wasReturn && read.Length > 0 && read[0] is not ((byte)'\n' or (byte)'\r'))
        {
            firstStray = feeds + 1;
            return read.Length;
        }

        var found = read[(after + 1)..].IndexOf((byte)'\r');
        return found < 0 ? read.Length : after + 1 + found;
    }

    private void Decode(ReadOnlySpan<byte> read)
    {
        text.AppendData(read);
        try
        {
            (at, filled) = (0, decoder.GetChars(read, chars, flush: isAtEnd));
        }
        catch (DecoderFallbackException)
        {
            throw NotText();
        }
    }

    private void End()
    {
        RawChecksum = Convert.ToHexStringLower(raw.GetHashAndReset());
        Checksum = Convert.ToHexStringLower(text.GetHashAndReset());
        StrayReturn = feeds > 0 ? firstStray : null;
        if (Expected is not null && RawChecksum != Expected)
        {
            throw new DeployOpsException(
                "MigrationScriptChanged",
                FaultKind.Security,
                $"{file.Name} is not what it was when the migration was planned: its bytes have another SHA-256.",
                "Let nothing write to the scripts while they run; plan anew with what they are now.")
            { Target = file.Name };
        }
    }

    private DeployOpsException NotText() => new("MigrationEncodingInvalid", FaultKind.InvalidData, $"{file.Name} is not UTF-8 text.", "Save it as UTF-8.") { Target = file.Name };
}

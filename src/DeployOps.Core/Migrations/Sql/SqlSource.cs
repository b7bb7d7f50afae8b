namespace DeployOps.Migrations.Sql;

/// <summary>The part of a script that is in memory: from the start of the statement that is being read, or from where reading is, as far as was read ahead.</summary>
/// <param name="reader">The script.</param>
/// <param name="block">How many characters to read at least at a time, from 1.</param>
internal sealed class SqlSource(TextReader reader, int block)
{
    /// <summary>The longest statement, comment or line of data in characters: 256 Mi, far below what a server takes in one message.</summary>
    internal const int Longest = 1 << 28;

    private const int None = -1;

    private char[] data = new char[block];
    private int filled;
    private long dropped;
    private int start = None;
    private int end;

    /// <summary>Where reading is, within what is in memory.</summary>
    internal int At { get; private set; }

    /// <summary>The line that reading is on, from 1.</summary>
    internal int Line { get; private set; } = 1;

    /// <summary>Whether all that is left of the script is in memory.</summary>
    internal bool IsWhole { get; private set; }

    /// <summary>Whether a statement was begun.</summary>
    internal bool HasBegun => start != None;

    /// <summary>Where that statement starts in the script.</summary>
    internal long StartOffset => dropped + start;

    internal ReadOnlySpan<char> Text => data.AsSpan(0, filled);

    /// <summary>What is ahead, as far as it is in memory.</summary>
    internal ReadOnlySpan<char> Ahead => Text[At..];

    internal SqlScanner Scan() => new(Text, At, IsWhole);

    /// <summary>Moves on.</summary>
    internal void MoveTo(int next)
    {
        Line += Text[At..next].Count('\n');
        At = next;
    }

    /// <summary>How long the statement is so far.</summary>
    internal int Kept => end - start;

    /// <summary>The piece from here to there belongs to the statement.</summary>
    internal void Keep(int pieceEnd)
    {
        start = HasBegun ? start : At;
        end = pieceEnd;
    }

    /// <summary>The statement's text; none is begun afterwards.</summary>
    internal string Take()
    {
        var text = new string(Text[start..end]);
        Drop();
        return text;
    }

    internal void Drop() => start = None;

    /// <summary>Reads on: at least a block, and as much as is ahead already, so that a long piece is looked at again only a few times.</summary>
    /// <exception cref="SqlScriptException"><c>SqlStatementTooLong</c>.</exception>
    internal void Fill()
    {
        MakeRoom();
        var wanted = Math.Max(block, filled - At);
        var size = filled + wanted;
        if (size > Longest)
        {
            throw new SqlScriptException(
                "SqlStatementTooLong", FaultKind.InvalidData, Line, $"what stands here does not end within {Longest} characters.", "Make it several statements, or close the string or the comment that is open.");
        }

        if (size > data.Length)
        {
            Array.Resize(ref data, (int)Math.Min(Longest, Math.Max(size, 2L * data.Length)));
        }

        var read = reader.ReadBlock(data, filled, wanted);
        filled += read;
        IsWhole = read < wanted;
    }

    /// <summary>The rest of the line, without its end; null at the end of the script.</summary>
    internal string? ReadLine()
    {
        int length;
        while ((length = Ahead.IndexOf('\n')) < 0 && !IsWhole)
        {
            Fill();
        }

        if (length < 0 && At == filled)
        {
            return null;
        }

        var line = length < 0 ? Ahead : Ahead[..length];
        var text = new string(line.EndsWith('\r') ? line[..^1] : line);
        MoveTo(length < 0 ? filled : At + length + 1);
        return text;
    }

    private void MakeRoom()
    {
        var keep = HasBegun ? start : At;
        if (keep == 0)
        {
            return;
        }

        Array.Copy(data, keep, data, 0, filled - keep);
        filled -= keep;
        At -= keep;
        end -= keep;
        start = HasBegun ? 0 : None;
        dropped += keep;
    }
}

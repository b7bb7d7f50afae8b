namespace DeployOps.Smoke.Syntax;

/// <summary>The characters of a smoke file, one after the other, with their places.</summary>
/// <param name="text">The file's text, with LF line ends.</param>
internal sealed class HurlCursor(string text)
{
    private int lineStart;
    private int line = 1;

    /// <summary>Where the cursor stands in the text, from 0.</summary>
    public int Offset { get; private set; }

    /// <summary>Where the cursor stands in the file.</summary>
    public SourcePosition Position => new(line, Offset - lineStart + 1);

    /// <summary>Nothing is left.</summary>
    public bool AtEnd => Offset >= text.Length;

    /// <summary>Nothing is left of this line.</summary>
    public bool AtLineEnd => AtEnd || text[Offset] == '\n';

    /// <summary>Nothing is left of this line but blanks and a comment.</summary>
    public bool AtContentEnd => AtLineEnd || text[Offset] == '#';

    /// <summary>The character here; NUL at the end.</summary>
    public char Current => AtEnd ? '\0' : text[Offset];

    /// <summary>What is left of this line.</summary>
    public ReadOnlySpan<char> RestOfLine
    {
        get
        {
            var rest = text.AsSpan(Math.Min(Offset, text.Length));
            var end = rest.IndexOf('\n');
            return end < 0 ? rest : rest[..end];
        }
    }

    /// <summary>These characters come next.</summary>
    public bool Sees(string expected) => text.AsSpan(Math.Min(Offset, text.Length)).StartsWith(expected, StringComparison.Ordinal);

    /// <summary>The part of the text from there to here.</summary>
    public string From(int start) => text[start..Offset];

    /// <summary>Takes one character.</summary>
    public char Take()
    {
        var c = text[Offset++];
        if (c == '\n')
        {
            line++;
            lineStart = Offset;
        }

        return c;
    }

    /// <summary>Takes this many characters.</summary>
    public void Take(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Take();
        }
    }

    /// <summary>Takes these characters where they come next.</summary>
    public bool TryTake(string expected)
    {
        if (!Sees(expected))
        {
            return false;
        }

        Take(expected.Length);
        return true;
    }

    /// <summary>Takes characters as long as they are of a kind.</summary>
    public string TakeWhile(Func<char, bool> accept)
    {
        var start = Offset;
        while (!AtEnd && accept(text[Offset]))
        {
            Take();
        }

        return From(start);
    }

    /// <summary>Goes over blanks in this line; says whether there were any.</summary>
    public bool SkipBlanks() => TakeWhile(static c => c is ' ' or '\t').Length > 0;

    /// <summary>Goes over blanks, and refuses where there are none.</summary>
    public void RequireBlank(string after)
    {
        if (!SkipBlanks())
        {
            throw new HurlFault(Position, $"expected a space after {after}, found {Found()}");
        }
    }

    /// <summary>Goes to the next line.</summary>
    public void SkipLine()
    {
        TakeWhile(static c => c != '\n');
        if (!AtEnd)
        {
            Take();
        }
    }

    /// <summary>Goes over empty lines, comments and the blanks before the next content.</summary>
    public void SkipEmptyLines()
    {
        SkipBlanks();
        while (!AtEnd && AtContentEnd)
        {
            SkipLine();
            SkipBlanks();
        }
    }

    /// <summary>Ends a line; refuses what is left of it, unless it is a comment.</summary>
    public void EndLine()
    {
        SkipBlanks();
        if (!AtContentEnd)
        {
            throw new HurlFault(Position, $"expected the end of the line, found {Found()}");
        }

        SkipLine();
    }

    /// <summary>Says what stands here.</summary>
    public string Found()
    {
        if (AtLineEnd)
        {
            return AtEnd ? "the end of the file" : "the end of the line";
        }

        var rest = RestOfLine;
        var length = rest.IndexOfAny(' ', '\t');
        return $"'{Running.SmokeText.Cut(Running.SmokeText.Printable((length <= 0 ? rest : rest[..length]).ToString()), 40)}'";
    }
}

namespace DeployOps.Migrations.Sql;

/// <summary>
/// Walks over one piece of a text of which perhaps more follows. Who looks past what is there finds <see cref="RanOut"/> set: the
/// answer is not certain then, and the piece is read again from its start with more text.
/// </summary>
internal ref struct SqlScanner
{
    private readonly ReadOnlySpan<char> text;
    private readonly bool isWhole;

    internal SqlScanner(ReadOnlySpan<char> text, int at, bool isWhole)
    {
        this.text = text;
        this.isWhole = isWhole;
        At = at;
    }

    /// <summary>The next character to look at.</summary>
    internal int At { get; private set; }

    /// <summary>Whether the end of the text was met while more may follow.</summary>
    internal bool RanOut { get; private set; }

    /// <summary>What the text ended in the middle of; null where the piece is closed.</summary>
    internal string? Open { get; private set; }

    /// <summary>The character so far ahead; NUL behind the end.</summary>
    internal char Peek(int ahead = 0)
    {
        if (At + ahead < text.Length)
        {
            return text[At + ahead];
        }

        RanOut |= !isWhole;
        return '\0';
    }

    /// <summary>Whether this stands ahead, in any case.</summary>
    internal bool IsAhead(string words)
    {
        var rest = text[At..];
        if (rest.StartsWith(words, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        RanOut |= !isWhole && rest.Length < words.Length && words.AsSpan().StartsWith(rest, StringComparison.OrdinalIgnoreCase);
        return false;
    }

    internal void Skip(int count) => At = Math.Min(At + count, text.Length);

    /// <summary>To the end of the line, which stays ahead.</summary>
    internal void SkipLine()
    {
        var end = text[At..].IndexOf('\n');
        if (end < 0)
        {
            SkipAll(null);
        }
        else
        {
            At += end;
        }
    }

    internal void SkipWhile(Func<char, bool> belongs)
    {
        while (belongs(Peek()))
        {
            At++;
        }
    }

    /// <summary>Behind the next such closing.</summary>
    internal void SkipPast(string closing, string what)
    {
        var found = text[At..].IndexOf(closing, StringComparison.Ordinal);
        if (found < 0)
        {
            SkipAll(what);
        }
        else
        {
            At += found + closing.Length;
        }
    }

    /// <summary>Behind the quote that closes the one ahead; a doubled one is within, and with escapes one behind a backslash.</summary>
    internal void SkipQuoted(char quote, bool escapes, string what)
    {
        At++;
        while (true)
        {
            var rest = text[Math.Min(At, text.Length)..];
            var found = escapes ? rest.IndexOfAny(quote, '\\') : rest.IndexOf(quote);
            if (found < 0)
            {
                SkipAll(what);
                return;
            }

            At += found;
            var isInside = text[At] != quote || Peek(1) == quote;
            At += isInside ? 2 : 1;
            if (!isInside)
            {
                return;
            }
        }
    }

    /// <summary>Behind a block comment within which others may be nested.</summary>
    internal void SkipNested(string what)
    {
        var depth = 0;
        do
        {
            var (first, second) = (Peek(), Peek(1));
            if (At + 1 >= text.Length)
            {
                SkipAll(what);
                return;
            }

            var change = (first, second) switch { ('/', '*') => 1, ('*', '/') => -1, _ => 0 };
            depth += change;
            At += change == 0 ? 1 : 2;
        }
        while (depth > 0);
    }

    /// <summary>Behind the dollar quote ahead; stays where there is none, such as at <c>$1</c>.</summary>
    internal bool TrySkipDollarQuoted(string what)
    {
        var length = 1;
        while (SqlLetters.IsWordPart(Peek(length), dollar: false))
        {
            length++;
        }

        if (Peek(length) != '$' || char.IsAsciiDigit(Peek(1)))
        {
            return false;
        }

        var tag = text.Slice(At, length + 1);
        At += tag.Length;
        var found = text[At..].IndexOf(tag, StringComparison.Ordinal);
        if (found < 0)
        {
            SkipAll(what);
        }
        else
        {
            At += found + tag.Length;
        }

        return true;
    }

    /// <summary>Ends the word so far at this text, if it holds it.</summary>
    internal void CutAt(int start, string delimiter)
    {
        var found = text[start..Math.Min(At + delimiter.Length - 1, text.Length)].IndexOf(delimiter, StringComparison.Ordinal);
        if (found > 0)
        {
            At = start + found;
        }
    }

    private void SkipAll(string? what)
    {
        At = text.Length;
        RanOut |= !isWhole;
        Open = what;
    }
}

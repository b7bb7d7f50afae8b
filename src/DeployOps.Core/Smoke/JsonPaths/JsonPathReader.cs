using System.Globalization;
using System.Text;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>The characters of a path, and the words made of them: numbers, quoted texts, names.</summary>
internal sealed class JsonPathReader(string text)
{
    /// <summary>The integers that JSON readers agree on (RFC 7493, 2.2).</summary>
    private const long GreatestInteger = (1L << 53) - 1;

    /// <summary>Where the reader stands, from 0.</summary>
    public int Offset { get; set; }

    /// <summary>Nothing is left.</summary>
    public bool AtEnd => Offset >= text.Length;

    /// <summary>The character ahead; NUL at the end.</summary>
    public char Peek(int ahead = 0) => Offset + ahead < text.Length ? text[Offset + ahead] : '\0';

    /// <summary>The part of the path from there to here.</summary>
    public string From(int start) => text[start..Offset];

    /// <summary>Makes the error for here, or for an earlier place.</summary>
    public JsonPathException Error(string message, int? offset = null) => new(message, offset ?? Offset);

    /// <summary>Goes over blank space.</summary>
    public void SkipSpace()
    {
        while (!AtEnd && Peek() is ' ' or '\t' or '\n' or '\r')
        {
            Offset++;
        }
    }

    /// <summary>Takes these characters where they come next.</summary>
    public bool TryTake(string expected)
    {
        if (!text.AsSpan(Math.Min(Offset, text.Length)).StartsWith(expected, StringComparison.Ordinal))
        {
            return false;
        }

        Offset += expected.Length;
        return true;
    }

    /// <summary>Takes these characters, or refuses.</summary>
    public void Take(string expected)
    {
        if (!TryTake(expected))
        {
            throw Error($"expected '{expected}', found {Found()}");
        }
    }

    /// <summary>Says what stands here.</summary>
    public string Found() => AtEnd ? "the end of the path" : $"'{Peek()}'";

    /// <summary>Takes a name written after a dot.</summary>
    public string TakeName()
    {
        var start = Offset;
        while (!AtEnd && (IsNameStart(Peek()) || (Offset > start && char.IsAsciiDigit(Peek()))))
        {
            Offset++;
        }

        return Offset > start ? From(start) : throw Error($"expected a name, found {Found()}");
    }

    /// <summary>A character a name may begin with.</summary>
    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\u0080';

    /// <summary>Takes a whole number without a leading zero.</summary>
    public long TakeInteger()
    {
        var start = Offset;
        TryTake("-");
        TakeDigits();
        var word = From(start);
        if (word is "-0" || word.TrimStart('-') is ['0', _, ..])
        {
            throw Error($"expected a whole number without a leading zero, found {word}", start);
        }

        return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= GreatestInteger
            ? number
            : throw Error($"expected a whole number of at most {GreatestInteger}, found {word}", start);
    }

    /// <summary>Takes a number as JSON writes it.</summary>
    public string TakeNumber()
    {
        var start = Offset;
        TryTake("-");
        var digits = Offset;
        TakeDigits();
        if (text[digits] == '0' && Offset > digits + 1)
        {
            throw Error("expected a number without a leading zero", start);
        }

        if (TryTake("."))
        {
            TakeDigits();
        }

        if (TryTake("e") || TryTake("E"))
        {
            _ = TryTake("+") || TryTake("-");
            TakeDigits();
        }

        return From(start);
    }

    /// <summary>Takes a text in single or double quotes.</summary>
    public string TakeQuoted()
    {
        var start = Offset;
        var quote = Peek();
        var value = new StringBuilder();
        Offset++;
        while (!AtEnd && Peek() != quote)
        {
            value.Append(Peek() == '\\' ? TakeEscape(quote) : TakePlain());
        }

        if (AtEnd)
        {
            throw Error($"this text lacks its closing {quote}", start);
        }

        Offset++;
        return value.ToString();
    }

    private void TakeDigits()
    {
        var start = Offset;
        while (char.IsAsciiDigit(Peek()))
        {
            Offset++;
        }

        if (Offset == start)
        {
            throw Error($"expected a digit, found {Found()}");
        }
    }

    private char TakePlain()
    {
        var c = Peek();
        if (c < ' ')
        {
            throw Error("a control character inside a text must be written as an escape");
        }

        Offset++;
        return c;
    }

    private string TakeEscape(char quote)
    {
        var start = Offset;
        var escaped = Peek(1);
        Offset += 2;
        return escaped switch
        {
            'b' => "\b",
            'f' => "\f",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            '/' => "/",
            '\\' => "\\",
            'u' => TakeUnicode(start),
            _ when escaped == quote => quote.ToString(),
            _ => throw Error("this escape is not one of JSONPath's", start),
        };
    }

    private string TakeUnicode(int start)
    {
        var first = TakeHex(start);
        if (char.IsLowSurrogate(first))
        {
            throw Error("this escape is the second half of a character", start);
        }

        if (!char.IsHighSurrogate(first))
        {
            return first.ToString();
        }

        if (!TryTake("\\u"))
        {
            throw Error("this escape is the first half of a character", start);
        }

        var second = TakeHex(start);
        return char.IsLowSurrogate(second) ? new string([first, second]) : throw Error("this escape is the first half of a character", start);
    }

    private char TakeHex(int start)
    {
        if (Offset + 4 > text.Length || !ushort.TryParse(text.AsSpan(Offset, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw Error("expected four hexadecimal digits after \\u", start);
        }

        Offset += 4;
        return (char)code;
    }
}

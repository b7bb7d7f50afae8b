using System.Globalization;

namespace DeployOps.Smoke.Syntax;

/// <summary>Reads the texts of a smoke file: bare, quoted, between backticks; each may hold variables.</summary>
internal static class HurlStrings
{
    /// <summary>The longest name of a variable, in characters.</summary>
    private const int LongestName = 200;

    private const string Fence = "```";

    /// <summary>Reads a bare text up to the end of the line or a comment; blanks at its end do not count.</summary>
    public static HurlTemplate TakeValue(HurlCursor cursor)
    {
        cursor.SkipBlanks();
        return TakeBare(cursor, static _ => false);
    }

    /// <summary>Reads the address of a request: a bare text without blanks.</summary>
    public static HurlTemplate TakeUrl(HurlCursor cursor) => TakeBare(cursor, static c => c is ' ' or '\t');

    /// <summary>Reads a name up to its colon, and takes the colon.</summary>
    public static HurlTemplate TakeKey(HurlCursor cursor)
    {
        var start = cursor.Position;
        var key = TakeBare(cursor, static c => c is ':' or ' ' or '\t' or '"' or '{' or '}' or '<' or '>' or '(' or ')');
        cursor.SkipBlanks();
        if (key.Parts.IsEmpty || !cursor.TryTake(":"))
        {
            throw key.Parts.IsEmpty
                ? new HurlFault(start, $"expected a name and ':', found {cursor.Found()}")
                : new HurlFault(cursor.Position, $"expected ':' after '{key}', found {cursor.Found()}");
        }

        return key;
    }

    /// <summary>Reads a text in double quotes. It may go over several lines.</summary>
    public static HurlTemplateBuilder TakeQuoted(HurlCursor cursor)
    {
        var start = cursor.Position;
        var builder = new HurlTemplateBuilder(start);
        cursor.Take();
        while (cursor.Current != '"')
        {
            if (cursor.AtEnd)
            {
                throw new HurlFault(start, "this text lacks its closing '\"'");
            }

            TakeCharacter(cursor, builder, "\"");
        }

        cursor.Take();
        return builder;
    }

    /// <summary>Reads a text between backticks: one, or three for several lines.</summary>
    public static HurlTemplate TakeBackticks(HurlCursor cursor) => cursor.Sees(Fence) ? TakeFenced(cursor) : TakeOneLine(cursor);

    /// <summary>Takes a variable in double braces.</summary>
    public static HurlTemplatePart TakeVariable(HurlCursor cursor, bool inJsonText)
    {
        var start = cursor.Position;
        cursor.Take(2);
        cursor.SkipBlanks();
        var name = TakeName(cursor, start);
        if (name is "newUuid" or "newDate" or "getEnv" or "randomInt")
        {
            throw HurlFault.NotSupported(start, $"function {name} in a template");
        }

        cursor.SkipBlanks();
        if (!cursor.TryTake("}}"))
        {
            throw cursor.AtLineEnd
                ? new HurlFault(start, $"'{{{{{name}' lacks its closing '}}}}'")
                : HurlFault.NotSupported(cursor.Position, $"{cursor.Found()} in a template; only a variable's name stands between '{{{{' and '}}}}'");
        }

        return new HurlTemplatePart(name, IsVariable: true, inJsonText, start);
    }

    /// <summary>Takes the name of a variable: a letter, then letters, digits, '_' and '-'.</summary>
    public static string TakeName(HurlCursor cursor, SourcePosition position)
    {
        var name = char.IsAsciiLetter(cursor.Current) || cursor.Current == '_'
            ? cursor.TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            : throw new HurlFault(position, $"expected the name of a variable, found {cursor.Found()}");
        return name.Length <= LongestName ? name : throw new HurlFault(position, $"this variable's name is longer than {LongestName} characters");
    }

    /// <summary>Takes one character, an escape or a variable, and adds it.</summary>
    /// <param name="cursor">Where to read.</param>
    /// <param name="builder">Where to add.</param>
    /// <param name="escapable">The characters that stand for themselves after a backslash, beside the common ones.</param>
    private static void TakeCharacter(HurlCursor cursor, HurlTemplateBuilder builder, string escapable)
    {
        var position = cursor.Position;
        if (cursor.Sees("{{"))
        {
            var variable = TakeVariable(cursor, inJsonText: false);
            builder.AppendVariable(variable.Text, inJsonText: false, position);
        }
        else if (cursor.Current == '\\')
        {
            builder.Append(TakeEscape(cursor, escapable), position);
        }
        else
        {
            builder.Append(cursor.Take().ToString(), position);
        }
    }

    private static string TakeEscape(HurlCursor cursor, string escapable)
    {
        var start = cursor.Position;
        cursor.Take();
        if (cursor.AtEnd)
        {
            throw new HurlFault(start, "a backslash at the end of the file");
        }

        var c = cursor.Take();
        return c switch
        {
            '\\' => "\\",
            'b' => "\b",
            'f' => "\f",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'u' when cursor.Current == '{' => TakeCodePoint(cursor, start),
            _ when escapable.Contains(c, StringComparison.Ordinal) => c.ToString(),
            _ => throw new HurlFault(start, "expected an escape: \\\\ \\b \\f \\n \\r \\t \\u{...}" + string.Concat(escapable.Select(static e => $" \\{e}"))),
        };
    }

    private static string TakeCodePoint(HurlCursor cursor, SourcePosition start)
    {
        cursor.Take();
        var digits = cursor.TakeWhile(char.IsAsciiHexDigit);
        return cursor.TryTake("}") && digits.Length is > 0 and <= 6
            && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            && System.Text.Rune.IsValid(code)
            ? char.ConvertFromUtf32(code)
            : throw new HurlFault(start, "expected a character's code such as \\u{20ac}");
    }

    private static HurlTemplate TakeBare(HurlCursor cursor, Func<char, bool> ends)
    {
        var builder = new HurlTemplateBuilder(cursor.Position);
        while (!cursor.AtContentEnd && (cursor.Sees("{{") || !ends(cursor.Current)))
        {
            TakeCharacter(cursor, builder, "#:");
        }

        builder.TrimEnd();
        return builder.Build();
    }

    private static HurlTemplate TakeOneLine(HurlCursor cursor)
    {
        var start = cursor.Position;
        var builder = new HurlTemplateBuilder(start);
        cursor.Take();
        while (cursor.Current != '`')
        {
            if (cursor.AtLineEnd)
            {
                throw new HurlFault(start, "this text lacks its closing '`'");
            }

            TakeCharacter(cursor, builder, "`#");
        }

        cursor.Take();
        return builder.Build();
    }

    /// <summary>A fenced text takes every character as it stands, but for variables; it ends with the line feed before its closing fence.</summary>
    private static HurlTemplate TakeFenced(HurlCursor cursor)
    {
        var start = cursor.Position;
        var builder = new HurlTemplateBuilder(start);
        cursor.Take(Fence.Length);
        TakeFenceType(cursor);
        while (!cursor.Sees(Fence))
        {
            if (cursor.AtEnd)
            {
                throw new HurlFault(start, $"this text lacks its closing '{Fence}'");
            }

            var position = cursor.Position;
            if (cursor.Sees("{{"))
            {
                builder.AppendVariable(TakeVariable(cursor, inJsonText: false).Text, inJsonText: false, position);
            }
            else
            {
                builder.Append(cursor.Take().ToString(), position);
            }
        }

        cursor.Take(Fence.Length);
        return builder.Build();
    }

    private static void TakeFenceType(HurlCursor cursor)
    {
        if (cursor.RestOfLine.Contains(Fence, StringComparison.Ordinal))
        {
            return;
        }

        var position = cursor.Position;
        var type = cursor.RestOfLine.Trim().ToString();
        if (type is not ("" or "raw"))
        {
            throw HurlFault.NotSupported(position, $"'{Running.SmokeText.Cut(Running.SmokeText.Printable(type), 40)}' after {Fence}; only 'raw' or nothing stands there");
        }

        cursor.SkipLine();
    }
}

namespace DeployOps.Smoke.Syntax;

/// <summary>Reads a body written as JSON. It is sent as it was written; a variable may stand in a text or for a whole value.</summary>
/// <param name="cursor">Where to read.</param>
internal sealed class HurlJsonReader(HurlCursor cursor)
{
    /// <summary>Objects and arrays may be this deep, as .NET's own reader has it.</summary>
    private const int DeepestNesting = 64;

    private readonly HurlTemplateBuilder builder = new(cursor.Position);

    /// <summary>Reads the value that starts here.</summary>
    public HurlTemplate Take()
    {
        TakeValue(0);
        return builder.Build();
    }

    private void TakeValue(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new HurlFault(cursor.Position, $"nested deeper than {DeepestNesting}");
        }

        switch (cursor.Current)
        {
            case '{' when cursor.Sees("{{"):
                AppendVariable(inJsonText: false);
                break;
            case '{':
                TakeItems('}', () =>
                {
                    TakeText();
                    SkipSpace();
                    TakeOne(':', "':'");
                    SkipSpace();
                    TakeValue(depth + 1);
                });
                break;
            case '[':
                TakeItems(']', () => TakeValue(depth + 1));
                break;
            case '"':
                TakeText();
                break;
            default:
                TakeScalar();
                break;
        }
    }

    private void TakeItems(char close, Action takeItem)
    {
        Copy();
        SkipSpace();
        if (cursor.Current != close)
        {
            takeItem();
            SkipSpace();
            while (cursor.Current == ',')
            {
                Copy();
                SkipSpace();
                takeItem();
                SkipSpace();
            }
        }

        TakeOne(close, $"',' or '{close}'");
    }

    private void TakeText()
    {
        var start = cursor.Position;
        TakeOne('"', "a text in double quotes");
        while (cursor.Current != '"')
        {
            if (cursor.AtLineEnd)
            {
                throw new HurlFault(start, "this text lacks its closing '\"'");
            }

            if (cursor.Sees("{{"))
            {
                AppendVariable(inJsonText: true);
            }
            else if (cursor.Current == '\\')
            {
                TakeEscape();
            }
            else if (cursor.Current < ' ')
            {
                throw new HurlFault(cursor.Position, "a control character inside a text must be written as an escape");
            }
            else
            {
                Copy();
            }
        }

        Copy();
    }

    private void TakeEscape()
    {
        var start = cursor.Position;
        Copy();
        var escape = cursor.Current;
        if (!"\"\\/bfnrtu".Contains(escape, StringComparison.Ordinal))
        {
            throw new HurlFault(start, "this escape is not one of JSON's");
        }

        Copy();
        for (var i = 0; escape == 'u' && i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(cursor.Current))
            {
                throw new HurlFault(start, "expected four hexadecimal digits after \\u");
            }

            Copy();
        }
    }

    private void TakeScalar()
    {
        var position = cursor.Position;
        var word = cursor.TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.');
        if (!IsScalar(word))
        {
            throw new HurlFault(position, $"expected a JSON value, found {(word.Length > 0 ? $"'{Running.SmokeText.Cut(word, 40)}'" : cursor.Found())}");
        }

        builder.Append(word, position);
    }

    private static bool IsScalar(string word)
    {
        if (word is "true" or "false" or "null")
        {
            return true;
        }

        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(word);
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private void TakeOne(char expected, string description)
    {
        if (cursor.AtEnd || cursor.Current != expected)
        {
            throw new HurlFault(cursor.Position, $"expected {description}, found {cursor.Found()}");
        }

        Copy();
    }

    private void SkipSpace()
    {
        while (!cursor.AtEnd && cursor.Current is ' ' or '\t' or '\n' or '\r')
        {
            Copy();
        }
    }

    private void AppendVariable(bool inJsonText)
    {
        var variable = HurlStrings.TakeVariable(cursor, inJsonText);
        builder.AppendVariable(variable.Text, inJsonText, variable.Position);
    }

    private void Copy()
    {
        var position = cursor.Position;
        builder.Append(cursor.Take().ToString(), position);
    }
}

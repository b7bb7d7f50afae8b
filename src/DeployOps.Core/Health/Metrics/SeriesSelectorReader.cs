using System.Text;
using System.Text.RegularExpressions;

namespace DeployOps.Health.Metrics;

/// <summary>Reads the text of one <see cref="SeriesSelector"/> from left to right.</summary>
internal sealed class SeriesSelectorReader(string text)
{
    private int position;

    public SeriesSelector Read()
    {
        SkipBlanks();
        var name = ReadName(isMetric: true);
        SkipBlanks();
        var matchers = Take('{') ? ReadMatchers() : [];
        SkipBlanks();
        if (position < text.Length)
        {
            throw Invalid($"'{text[position]}' does not belong there");
        }

        return new SeriesSelector(text.Trim(), name, matchers);
    }

    private List<LabelMatcher> ReadMatchers()
    {
        var matchers = new List<LabelMatcher>();
        while (true)
        {
            SkipBlanks();
            if (Take('}'))
            {
                return matchers;
            }

            matchers.Add(ReadMatcher());
            SkipBlanks();
            if (!Take(',') && !IsAt('}'))
            {
                throw Invalid("expected ',' or '}'");
            }
        }
    }

    private LabelMatcher ReadMatcher()
    {
        var label = ReadName(isMetric: false);
        SkipBlanks();
        var (isPattern, isNegated) = ReadOperator();
        SkipBlanks();
        var start = position;
        var value = ReadQuoted();
        return new LabelMatcher(label, value, isPattern ? ReadPattern(value, start) : null, isNegated);
    }

    private (bool IsPattern, bool IsNegated) ReadOperator()
    {
        if (Take('='))
        {
            return (Take('~'), false);
        }

        if (Take('!'))
        {
            return Take('~') ? (true, true) : Take('=') ? (false, true) : throw Invalid("expected != or !~");
        }

        throw Invalid("expected =, !=, =~ or !~");
    }

    private Regex ReadPattern(string pattern, int start)
    {
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        try
        {
            // By itself first: "a)|(b" would otherwise escape the anchors and still be a pattern.
            _ = new Regex(pattern, Options);
            return new Regex($@"\A(?:{pattern})\z", Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            position = start;
            throw Invalid($"the pattern cannot be used: {e.Message.TrimEnd('.')}", e);
        }
    }

    private string ReadName(bool isMetric)
    {
        var start = position;
        while (position < text.Length && IsNameCharacter(text[position], position == start, isMetric))
        {
            position++;
        }

        return position > start ? text[start..position] : throw Invalid(isMetric ? "expected the name of a series" : "expected the name of a label");
    }

    private static bool IsNameCharacter(char c, bool isFirst, bool isMetric) =>
        char.IsAsciiLetter(c) || c == '_' || (isMetric && c == ':') || (!isFirst && char.IsAsciiDigit(c));

    private string ReadQuoted()
    {
        if (position >= text.Length || text[position] is not ('"' or '\'' or '`'))
        {
            throw Invalid("expected a quoted value");
        }

        var start = position;
        var quote = text[position++];
        var value = new StringBuilder();
        while (position < text.Length && text[position] != quote)
        {
            value.Append(text[position] == '\\' && quote != '`' ? ReadEscape() : text[position++]);
        }

        if (!Take(quote))
        {
            position = start;
            throw Invalid("the quote is not closed");
        }

        return value.ToString();
    }

    private char ReadEscape()
    {
        var escape = position + 1 < text.Length ? text[position + 1] : '\0';
        var character = escape switch
        {
            '\\' or '"' or '\'' => escape,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ => throw Invalid(@"a backslash is written \\ there"),
        };
        position += 2;
        return character;
    }

    private void SkipBlanks()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }
    }

    private bool IsAt(char c) => position < text.Length && text[position] == c;

    private bool Take(char c)
    {
        if (!IsAt(c))
        {
            return false;
        }

        position++;
        return true;
    }

    private DeployOpsException Invalid(string reason, Exception? cause = null) => new(
        "MetricSelectorInvalid",
        FaultKind.InvalidData,
        $"The selector {text} is wrong at column {position + 1}: {reason}.",
        """Write it as name{label="value",code=~"5.."}.""",
        cause);
}

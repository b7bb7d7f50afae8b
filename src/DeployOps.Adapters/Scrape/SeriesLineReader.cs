using System.Globalization;
using System.Text;

namespace DeployOps.Adapters.Scrape;

/// <summary>Reads one line of a metrics page: <c>name{label="value",…} value [timestamp] [# exemplar]</c>.</summary>
internal sealed class SeriesLineReader(string line, int number)
{
    private int position;

    public PageSeries Read()
    {
        var name = ReadName(isMetric: true);
        SkipBlanks();
        var labels = Take('{') ? ReadLabels() : [];
        SkipBlanks();
        var value = ReadValue();
        SkipBlanks();
        ReadTimestamp();
        SkipBlanks();
        if (position < line.Length && line[position] != '#')
        {
            throw Invalid($"'{Shown(line[position])}' does not belong there");
        }

        return new PageSeries(name, labels, value);
    }

    private Dictionary<string, string> ReadLabels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            SkipBlanks();
            if (Take('}'))
            {
                return labels;
            }

            var label = ReadName(isMetric: false);
            SkipBlanks();
            Expect('=');
            SkipBlanks();
            if (!labels.TryAdd(label, ReadQuoted()))
            {
                throw Invalid($"the label {label} is there twice");
            }

            SkipBlanks();
            if (!Take(',') && !IsAt('}'))
            {
                throw Invalid("expected ',' or '}'");
            }
        }
    }

    private string ReadQuoted()
    {
        Expect('"');
        var value = new StringBuilder();
        while (position < line.Length && line[position] != '"')
        {
            value.Append(line[position] == '\\' ? ReadEscape() : line[position++]);
        }

        Expect('"');
        return value.ToString();
    }

    private char ReadEscape()
    {
        var character = position + 1 >= line.Length ? '\0' : line[position + 1] switch
        {
            '\\' => '\\',
            '"' => '"',
            'n' => '\n',
            _ => '\0',
        };
        position += character == '\0' ? 0 : 2;
        return character != '\0' ? character : throw Invalid("""expected \\, \" or \n after the backslash""");
    }

    private double ReadValue()
    {
        var word = ReadWord();
        var value = word switch
        {
            "NaN" => double.NaN,
            "Inf" or "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ when double.TryParse(word, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite & ~NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) => number,
            _ => (double?)null,
        };
        return value ?? throw Invalid(word.Length == 0 ? "expected a value" : $"'{Shortened(word)}' is not a value");
    }

    private void ReadTimestamp()
    {
        if (position >= line.Length || line[position] == '#')
        {
            return;
        }

        var word = ReadWord();
        if (!double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
        {
            throw Invalid($"'{Shortened(word)}' is not a timestamp");
        }
    }

    private string ReadWord()
    {
        var start = position;
        while (position < line.Length && line[position] is not (' ' or '\t'))
        {
            position++;
        }

        return line[start..position];
    }

    private string ReadName(bool isMetric)
    {
        var start = position;
        while (position < line.Length && IsNameCharacter(line[position], position == start, isMetric))
        {
            position++;
        }

        return position > start ? line[start..position] : throw Invalid(isMetric ? "expected the name of a series" : "expected the name of a label");
    }

    private static bool IsNameCharacter(char c, bool isFirst, bool isMetric) =>
        char.IsAsciiLetter(c) || c == '_' || (isMetric && c == ':') || (!isFirst && char.IsAsciiDigit(c));

    private void SkipBlanks()
    {
        while (position < line.Length && line[position] is (' ' or '\t'))
        {
            position++;
        }
    }

    private bool IsAt(char c) => position < line.Length && line[position] == c;

    private bool Take(char c)
    {
        if (!IsAt(c))
        {
            return false;
        }

        position++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Take(c))
        {
            throw Invalid($"expected '{c}'");
        }
    }

    // A page may hold anything; what is shown of it is short and prints.
    private static string Shortened(string word) => new([.. (word.Length > 40 ? word[..40] + "…" : word).Select(Shown)]);

    private static char Shown(char c) => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c;

    private DeployOpsException Invalid(string reason) => MetricsPage.Invalid(number, $"column {position + 1}: {reason}");
}

namespace DeployOps.Adapters.Scrape;

/// <summary>Reads the lines of one metrics page.</summary>
internal sealed class MetricsPageReader
{
    private static readonly HashSet<string> KnownTypes =
        ["counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram"];

    private readonly List<PageSeries> series = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> types = new(StringComparer.Ordinal);

    public MetricsPage Read(string page)
    {
        var number = 0;
        foreach (var range in page.AsSpan().Split('\n'))
        {
            number++;
            var text = page.AsSpan(range).TrimEnd('\r').Trim(" \t");
            if (text.IsEmpty)
            {
                continue;
            }

            if (text[0] == '#')
            {
                ReadComment(text, number);
                continue;
            }

            var one = new SeriesLineReader(text.ToString(), number).Read();
            if (!keys.Add(one.Key))
            {
                throw MetricsPage.Invalid(number, $"{one.Key} is there twice");
            }

            series.Add(one);
        }

        return new MetricsPage(series, types);
    }

    // Any comment is allowed; one that begins with TYPE must be a type.
    private void ReadComment(ReadOnlySpan<char> text, int number)
    {
        var words = text[1..].ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["TYPE", ..])
        {
            return;
        }

        if (words is not [_, var name, var type] || !KnownTypes.Contains(type))
        {
            throw MetricsPage.Invalid(number, "expected # TYPE name type");
        }

        if (!types.TryAdd(name, type))
        {
            throw MetricsPage.Invalid(number, $"the type of {name} is there twice");
        }
    }
}

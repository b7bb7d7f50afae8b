namespace DeployOps.Adapters.Scrape;

/// <summary>One line of a metrics page: a series and its value.</summary>
/// <param name="Name">The series' name.</param>
/// <param name="Labels">Its labels by name.</param>
/// <param name="Value">Its value; may be NaN or infinite.</param>
internal sealed record PageSeries(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Name and labels, sorted: the same series on two pages has the same key.</summary>
    public string Key { get; } = Labels.Count == 0
        ? Name
        : $"{Name}{{{string.Join(',', Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}=\"{Escaped(label.Value)}\""))}}}";

    // Unescaped, a value that holds a quote could make two series look the same.
    private static string Escaped(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}

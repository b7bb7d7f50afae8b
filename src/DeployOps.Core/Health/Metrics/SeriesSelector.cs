namespace DeployOps.Health.Metrics;

/// <summary>
/// Which series are meant, in Prometheus style: <c>name{label="v", other!="x", code=~"5..", path!~"/health.*"}</c>.
/// Patterns match the whole value and run without backtracking, so that none of them can hang a watch; look-arounds and back-references do not exist there.
/// </summary>
public sealed class SeriesSelector
{
    private readonly string text;
    private readonly IReadOnlyList<LabelMatcher> matchers;

    internal SeriesSelector(string text, string name, IReadOnlyList<LabelMatcher> matchers)
    {
        this.text = text;
        this.matchers = matchers;
        Name = name;
    }

    /// <summary>The series' name; a histogram's without <c>_bucket</c>.</summary>
    public string Name { get; }

    /// <summary>Reads a selector.</summary>
    /// <exception cref="DeployOpsException"><c>MetricSelectorInvalid</c>, with the column.</exception>
    public static SeriesSelector Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SeriesSelectorReader(text).Read();
    }

    /// <summary>Whether a series is meant.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels by name.</param>
    public bool Matches(string name, IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (name != Name)
        {
            return false;
        }

        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(labels.TryGetValue(matcher.Label, out var value) ? value : ""))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => text;
}

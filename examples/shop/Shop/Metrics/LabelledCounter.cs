using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Shop.Metrics;

/// <summary>A counter that Prometheus reads, with one series for each set of labels that was seen.</summary>
internal sealed class LabelledCounter(string name)
{
    private readonly ConcurrentDictionary<string, long> _series = new(StringComparer.Ordinal);

    /// <summary>Counts one.</summary>
    /// <param name="labels">The labels as they are written, such as <c>code="200"</c>; empty for none.</param>
    public void Increment(string labels) => _series.AddOrUpdate(labels, 1, static (_, count) => count + 1);

    /// <summary>Makes a series show, at 0 until it is counted.</summary>
    public void Declare(string labels) => _series.TryAdd(labels, 0);

    /// <summary>Adds the counter as exposition text.</summary>
    public void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} counter\n");
        foreach (var (labels, count) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {count}\n");
        }
    }
}

using System.Globalization;
using System.Text;

namespace Shop.Metrics;

/// <summary>How long requests took, in the cumulative buckets Prometheus reads.</summary>
internal sealed class Histogram(string name)
{
    /// <summary>Upper bounds in seconds, close together around the half second that the plan allows.</summary>
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];

    private readonly Lock _turn = new();
    private readonly long[] _counts = new long[Bounds.Length + 1];
    private double _sum;

    /// <summary>Counts one duration.</summary>
    public void Observe(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        var at = Array.FindIndex(Bounds, bound => seconds <= bound);
        lock (_turn)
        {
            _counts[at < 0 ? Bounds.Length : at]++;
            _sum += seconds;
        }
    }

    /// <summary>Adds the histogram as exposition text.</summary>
    public void Write(StringBuilder text)
    {
        long[] counts;
        double sum;
        lock (_turn)
        {
            counts = [.. _counts];
            sum = _sum;
        }

        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} histogram\n");
        long total = 0;
        for (var at = 0; at < counts.Length; at++)
        {
            total += counts[at];
            var bound = at < Bounds.Length ? Bounds[at].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {total}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum {sum}\n{name}_count {total}\n");
    }
}

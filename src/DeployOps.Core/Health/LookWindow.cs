using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>
/// The samples a look judges. Its stretch is the last <c>Looks</c> + 1 intervals, and longer, back to the watch's start at most, until it holds enough
/// events to be judged: a quiet system is judged by a longer stretch rather than not at all. What is worse than the baseline allows and may be luck is looked
/// at over a longer stretch as well, until it is not worse, or no luck: a lasting fall is found however short the intervals are.
/// </summary>
/// <remarks>
/// Stretches overlap, so one bad interval is in several of them. That alone must not roll back: where a stretch fails and the newest interval by itself shows,
/// on enough events to have shown the trouble, that it is over, the look is without a verdict until the bad interval has left the stretch.
/// </remarks>
internal sealed class LookWindow(MetricSpec spec, int looks, MetricBaseline? baseline)
{
    /// <summary>The most intervals a stretch holds: an hour of one-minute looks.</summary>
    private const int Longest = 60;

    /// <summary>How many events of trouble the newest interval must have been expected to show before their absence says that it is over.</summary>
    private const double EnoughToShow = 5;

    private readonly List<MetricSample> samples = [];

    /// <summary>Whether the newest sample could not be read.</summary>
    public bool IsBlind => samples.Count == 0 || !MetricWindow.Counts(samples[^1]);

    /// <summary>Adds the newest sample and forgets what no look can need.</summary>
    public void Add(MetricSample sample)
    {
        samples.Add(sample);
        if (samples.Count > Math.Max(Longest, looks + 1) + 1)
        {
            samples.RemoveAt(0);
        }
    }

    /// <summary>The value over the stretch.</summary>
    public MetricValue Value()
    {
        var intervals = looks + 1;
        while (true)
        {
            var value = MetricWindow.Measure(spec, samples.Skip(samples.Count - 1 - intervals));
            var isTold = MetricJudge.HasEvidence(spec, value, baseline) && !MetricJudge.IsWithinLuck(spec, value, baseline);
            if (isTold || intervals >= samples.Count - 1)
            {
                return value;
            }

            intervals *= 2;
        }
    }

    /// <summary>The value over the newest interval, if it shows that what the stretch fails for is over; else null.</summary>
    public MetricValue? Recovery(MetricValue stretch)
    {
        if (samples.Count < 3)
        {
            return null;
        }

        var newest = MetricWindow.Measure(spec, samples.Skip(samples.Count - 2));
        var expected = spec.Measure switch
        {
            MetricMeasure.Ratio => newest.Count * stretch.Value,
            MetricMeasure.Quantile => newest.Count * (1 - spec.Quantile),
            _ => newest.Count,
        };
        return expected >= EnoughToShow && MetricJudge.IsWithin(spec, newest, baseline) ? newest : null;
    }
}

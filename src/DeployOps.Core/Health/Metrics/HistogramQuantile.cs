namespace DeployOps.Health.Metrics;

/// <summary>
/// A quantile estimated from a histogram as Prometheus' <c>histogram_quantile</c> does: find the bucket that holds the rank q x count and interpolate
/// linearly within it, from 0 in the first bucket where its bound is positive. In the last bucket, which has no upper bound, the answer is the last
/// finite bound, and only "at least".
/// Source: Prometheus documentation, query functions, <c>histogram_quantile</c> for classic histograms.
/// </summary>
internal readonly record struct HistogramQuantile
{
    /// <summary>The estimate; null where there is none.</summary>
    public double? Value { get; private init; }

    /// <summary>How many events were counted.</summary>
    public double Count { get; private init; }

    /// <summary>It may be any more than <see cref="Value"/>.</summary>
    public bool IsAtLeast { get; private init; }

    /// <summary>Why there is no estimate.</summary>
    public string? Missing { get; private init; }

    /// <summary>Estimates a quantile.</summary>
    /// <param name="quantile">More than 0, less than 1.</param>
    /// <param name="cumulative">The buckets, each bound once, in any order.</param>
    public static HistogramQuantile Of(double quantile, IEnumerable<HistogramBucket> cumulative)
    {
        var buckets = Rising(cumulative.OrderBy(bucket => bucket.UpperBound));
        if (buckets.Count < 2 || !double.IsPositiveInfinity(buckets[^1].UpperBound))
        {
            return new HistogramQuantile { Count = buckets.Count == 0 ? 0 : buckets[^1].Count, Missing = "the histogram lacks its le=\"+Inf\" bucket or any other" };
        }

        var count = buckets[^1].Count;
        if (count <= 0)
        {
            return default;
        }

        var rank = quantile * count;
        var index = buckets.FindIndex(bucket => bucket.Count >= rank);
        return index == buckets.Count - 1
            ? new HistogramQuantile { Value = buckets[^2].UpperBound, Count = count, IsAtLeast = true }
            : new HistogramQuantile { Value = Within(buckets, index, rank), Count = count };
    }

    private static double Within(List<HistogramBucket> buckets, int index, double rank)
    {
        var (end, upTo) = buckets[index];
        if (index == 0)
        {
            return end <= 0 ? end : end * rank / upTo;
        }

        var (start, before) = buckets[index - 1];
        return start + ((end - start) * (rank - before) / (upTo - before));
    }

    // Buckets are not read at one instant, so a larger one may lag behind a smaller.
    private static List<HistogramBucket> Rising(IEnumerable<HistogramBucket> buckets)
    {
        var most = 0.0;
        var rising = new List<HistogramBucket>();
        foreach (var bucket in buckets)
        {
            most = Math.Max(most, bucket.Count);
            rising.Add(bucket with { Count = most });
        }

        return rising;
    }
}

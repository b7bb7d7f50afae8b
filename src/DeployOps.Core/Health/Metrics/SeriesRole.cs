using System.Globalization;

namespace DeployOps.Health.Metrics;

/// <summary>What a series of a sample is for: the values of <see cref="SeriesValue.Role"/>.</summary>
public static class SeriesRole
{
    /// <summary>It counts against a ratio.</summary>
    public const string Numerator = "numerator";

    /// <summary>It counts everything.</summary>
    public const string Denominator = "denominator";

    /// <summary>It counts what a rate is made of.</summary>
    public const string Counter = "counter";

    private const string BucketPrefix = "le=";

    /// <summary>The role of a histogram's bucket with this upper bound.</summary>
    public static string Bucket(double upperBound) =>
        BucketPrefix + (double.IsPositiveInfinity(upperBound) ? "+Inf" : upperBound.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The upper bound a bucket's role stands for.</summary>
    /// <exception cref="ArgumentException">The role is not a bucket's.</exception>
    public static double Bound(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role switch
        {
            BucketPrefix + "+Inf" => double.PositiveInfinity,
            _ when role.StartsWith(BucketPrefix, StringComparison.Ordinal)
                && double.TryParse(role.AsSpan(BucketPrefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) => bound,
            _ => throw new ArgumentException($"'{role}' is not the role of a histogram's bucket.", nameof(role)),
        };
    }
}

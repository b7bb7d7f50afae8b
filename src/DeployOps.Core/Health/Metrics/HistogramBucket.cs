namespace DeployOps.Health.Metrics;

/// <summary>How many events a histogram counted up to a bound; every bucket includes the smaller ones.</summary>
/// <param name="UpperBound">The largest value counted; positive infinity for all.</param>
/// <param name="Count">How many.</param>
internal readonly record struct HistogramBucket(double UpperBound, double Count);

namespace DeployOps.Health.Metrics;

/// <summary>One counter of a sample.</summary>
/// <param name="Role"><c>numerator</c>, <c>denominator</c>, <c>counter</c>, or <c>le=…</c> for a histogram's bucket.</param>
/// <param name="Key">The series' name and labels, sorted: the same series in two samples has the same key.</param>
/// <param name="Value">The counter; a smaller one later means that its process started again.</param>
public sealed record SeriesValue(string Role, string Key, double Value);

using DeployOps.Windows.Homes;

namespace DeployOps.Windows;

/// <summary>The detail of a deviation that took other files than the approved ones.</summary>
/// <param name="Files">What is in force from here on.</param>
internal sealed record FileDeviation(IReadOnlyList<KeptFile> Files)
{
    /// <summary>When the plan was approved that the window goes on with; null where that stays as it was.</summary>
    public DateTimeOffset? ApprovedAt { get; init; }
}

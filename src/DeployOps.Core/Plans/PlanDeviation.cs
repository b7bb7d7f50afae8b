namespace DeployOps.Plans;

/// <summary>Something that is not as it was approved. It stops the release, or goes into the log with a written reason.</summary>
/// <param name="Id">The constant id of this sort of deviation.</param>
/// <param name="Message">What differs, and from what.</param>
public sealed record PlanDeviation(string Id, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}

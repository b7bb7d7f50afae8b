namespace DeployOps.Rollouts;

/// <summary>Which version answers, or why none can be told.</summary>
/// <param name="Version">The version; null where none can be told.</param>
/// <param name="Reason">Why there is none.</param>
public sealed record ServedVersion(string? Version, string? Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Version ?? Reason ?? "unknown";
}

using DeployOps.Secrets;

namespace DeployOps.Plans;

/// <summary>Where a plan uses a reference.</summary>
/// <param name="Key">The key, such as <c>Notices[0].Secret</c>.</param>
/// <param name="Reference">What it refers to.</param>
internal sealed record PlanUse(string Key, SecretReference Reference)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key} ({Reference})";
}

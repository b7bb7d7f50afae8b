namespace DeployOps.Windows.Homes;

/// <summary>The windows of a home.</summary>
/// <param name="Windows">Those whose journal is what was written, newest first.</param>
/// <param name="Untrusted">The others; nothing is done on them.</param>
/// <param name="Unreadable"><c>HomeUnreadable</c> for each folder that could not be looked into; its target is the folder.</param>
public sealed record WindowList(IReadOnlyList<DeploymentWindow> Windows, IReadOnlyList<UntrustedWindow> Untrusted, IReadOnlyList<DeployOpsException> Unreadable);

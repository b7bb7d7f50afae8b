namespace DeployOps.Windows;

/// <summary>The windows of a home.</summary>
/// <param name="Windows">Those whose journal is what was written, newest first.</param>
/// <param name="Untrusted">The others; nothing is done on them.</param>
public sealed record WindowList(IReadOnlyList<DeploymentWindow> Windows, IReadOnlyList<UntrustedWindow> Untrusted);

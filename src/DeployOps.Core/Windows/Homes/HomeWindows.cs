namespace DeployOps.Windows.Homes;

/// <summary>The windows' folders of a home.</summary>
/// <param name="Folders">The folders.</param>
/// <param name="Unreadable"><c>HomeUnreadable</c> for each folder that could not be looked into; its target is the folder.</param>
internal sealed record HomeWindows(IReadOnlyList<string> Folders, IReadOnlyList<DeployOpsException> Unreadable);

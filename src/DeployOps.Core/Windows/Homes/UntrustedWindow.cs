namespace DeployOps.Windows.Homes;

/// <summary>A window whose journal cannot be read or is not what was written.</summary>
/// <param name="Id">The window's id, by its folder.</param>
/// <param name="Why"><c>JournalCorrupt</c> or <c>JournalUnreadable</c>, with the file and the line.</param>
public sealed record UntrustedWindow(string Id, DeployOpsException Why);

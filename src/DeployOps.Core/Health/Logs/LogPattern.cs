namespace DeployOps.Health.Logs;

/// <summary>The files that a full path with wildcards in its name means at this moment.</summary>
internal static class LogPattern
{
    private static readonly EnumerationOptions OneLevel = new() { MatchType = MatchType.Simple, IgnoreInaccessible = false };

    /// <summary>Looks. A folder that is not there holds none.</summary>
    /// <exception cref="DeployOpsException"><c>LogUnreadable</c>, naming the folder.</exception>
    internal static IReadOnlyList<string> Expand(string pattern)
    {
        var folder = Path.GetDirectoryName(pattern)!;
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, Path.GetFileName(pattern), OneLevel)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("LogUnreadable", FaultKind.Failed, $"The folder of logs {folder} cannot be read: {e.Message.TrimEnd('.')}.", "Let this account read it, or take it out of Monitoring.Logs.", e) { Target = folder };
        }
    }
}

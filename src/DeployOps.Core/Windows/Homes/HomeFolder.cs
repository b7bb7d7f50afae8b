namespace DeployOps.Windows.Homes;

/// <summary>Looks into folders of a home. What cannot be looked into is an error: taken for what is not there, it would make going back a silent no-op.</summary>
internal static class HomeFolder
{
    /// <summary>The folders directly within a folder; none where there is no such folder.</summary>
    /// <exception cref="DeployOpsException"><c>HomeUnreadable</c>.</exception>
    internal static IReadOnlyList<string> Folders(string path)
    {
        try
        {
            return Directory.GetDirectories(path);
        }
        catch (DirectoryNotFoundException e)
        {
            return Path.Exists(path) ? throw Unreadable(path, "it is no folder.", e) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    /// <summary>Whether a folder holds something of this name.</summary>
    /// <exception cref="DeployOpsException"><c>HomeUnreadable</c>.</exception>
    internal static bool Holds(string folder, string name)
    {
        try
        {
            // File.Exists answers false where it may not look.
            _ = File.GetAttributes(Path.Combine(folder, name));
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(folder, e.Message, e);
        }
    }

    private static DeployOpsException Unreadable(string folder, string reason, Exception cause) => new(
        "HomeUnreadable",
        FaultKind.Failed,
        $"{folder} cannot be looked into, so it is not known which windows it holds: {reason}",
        "Check that it is a folder which this account may read and enter; $env:DEPLOYOPS_HOME chooses another home.",
        cause)
    { Target = folder };
}

using DeployOps.Journal;

namespace DeployOps.Windows.Homes;

/// <summary>Finds windows: each is read from its own journal, newest first.</summary>
public static class WindowCatalog
{
    /// <summary>All windows of this home.</summary>
    public static async Task<WindowList> AllAsync(Ports ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var windows = new List<DeploymentWindow>();
        var untrusted = new List<UntrustedWindow>();
        var home = ports.Home.WindowFolders();
        foreach (var folder in home.Folders)
        {
            try
            {
                if (await FactsAsync(folder, ports) is { } facts)
                {
                    windows.Add(facts.ToWindow(folder));
                }
            }
            catch (DeployOpsException e) when (e.ErrorId is "JournalCorrupt" or "JournalUnreadable" or "JournalRecordInvalid")
            {
                untrusted.Add(new UntrustedWindow(Path.GetFileName(folder), e));
            }
        }

        return new WindowList([.. windows.OrderByDescending(window => window.StartedAt)], untrusted, home.Unreadable);
    }

    /// <summary>The windows of one environment, newest first.</summary>
    internal static async Task<IReadOnlyList<(DeploymentWindow Window, WindowFacts Facts)>> OfEnvironmentAsync(string environmentFolder, Ports ports)
    {
        var parent = Path.Combine(environmentFolder, "windows");
        var windows = new List<(DeploymentWindow Window, WindowFacts Facts)>();
        foreach (var folder in HomeFolder.Folders(parent))
        {
            if (HomeFolder.Holds(folder, JournalFile.FileName) && await FactsAsync(folder, ports) is { } facts)
            {
                windows.Add((facts.ToWindow(folder), facts));
            }
        }

        return [.. windows.OrderByDescending(window => window.Facts.OpenedEpoch).ThenByDescending(window => window.Window.StartedAt)];
    }

    private static async Task<WindowFacts?> FactsAsync(string folder, Ports ports)
    {
        var journal = new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        return WindowFacts.Fold(await journal.RefreshAsync());
    }
}

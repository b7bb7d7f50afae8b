using DeployOps.Journal;

namespace DeployOps.Windows;

/// <summary>Finds windows: each is read from its own journal, newest first.</summary>
public static class WindowCatalog
{
    /// <summary>All windows of this home.</summary>
    public static async Task<WindowList> AllAsync(Ports ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var windows = new List<DeploymentWindow>();
        var untrusted = new List<UntrustedWindow>();
        foreach (var folder in ports.Home.WindowFolders())
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

        return new WindowList([.. windows.OrderByDescending(window => window.StartedAt)], untrusted);
    }

    /// <summary>The windows of one environment, newest first.</summary>
    internal static async Task<IReadOnlyList<(DeploymentWindow Window, WindowFacts Facts)>> OfEnvironmentAsync(string environmentFolder, Ports ports)
    {
        var parent = Path.Combine(environmentFolder, "windows");
        var windows = new List<(DeploymentWindow Window, WindowFacts Facts)>();
        foreach (var folder in Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : [])
        {
            if (File.Exists(Path.Combine(folder, JournalFile.FileName)) && await FactsAsync(folder, ports) is { } facts)
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

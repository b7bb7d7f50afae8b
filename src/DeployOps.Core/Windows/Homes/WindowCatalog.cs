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
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="ports">What is outside the domain.</param>
    /// <param name="aside">Told of a window that cannot be read or trusted, which is left out then; null throws.</param>
    /// <exception cref="DeployOpsException"><c>HomeUnreadable</c>; <c>JournalCorrupt</c>, <c>JournalUnreadable</c>, <c>JournalRecordInvalid</c> where nobody is told of it.</exception>
    internal static async Task<IReadOnlyList<(DeploymentWindow Window, WindowFacts Facts)>> OfEnvironmentAsync(string environmentFolder, Ports ports, Action<string, DeployOpsException>? aside = null)
    {
        var parent = Path.Combine(environmentFolder, "windows");
        var windows = new List<(DeploymentWindow Window, WindowFacts Facts)>();
        foreach (var folder in HomeFolder.Folders(parent))
        {
            try
            {
                if (HomeFolder.Holds(folder, JournalFile.FileName) && await FactsAsync(folder, ports) is { } facts)
                {
                    windows.Add((facts.ToWindow(folder), facts));
                }
            }
            catch (DeployOpsException e) when (aside is not null)
            {
                aside(Path.GetFileName(folder), e);
            }
        }

        return [.. windows.OrderByDescending(window => window.Facts.OpenedEpoch).ThenByDescending(window => window.Window.StartedAt)];
    }

    /// <summary>The windows of a window's environment that were opened after it, newest first. One that cannot be read or trusted is left out, as it is from all windows.</summary>
    /// <param name="session">The window's log.</param>
    /// <param name="ports">What is outside the domain.</param>
    internal static async Task<IReadOnlyList<DeploymentWindow>> LaterAsync(WindowSession session, Ports ports)
    {
        var mine = session.Facts;
        var all = await OfEnvironmentAsync(ports.Home.Environment(mine.Opening.Service, mine.Opening.Environment), ports, aside: (_, _) => { });
        return [.. all.Where(other => (other.Facts.OpenedEpoch, other.Facts.StartedAt).CompareTo((mine.OpenedEpoch, mine.StartedAt)) > 0).Select(other => other.Window)];
    }

    private static async Task<WindowFacts?> FactsAsync(string folder, Ports ports)
    {
        var journal = new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        return WindowFacts.Fold(await journal.RefreshAsync());
    }
}

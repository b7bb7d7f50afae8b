using DeployOps.Journal;

namespace DeployOps.Windows;

/// <summary>Finds windows: each is read from its own journal, newest first.</summary>
public static class WindowCatalog
{
    /// <summary>All windows of this home. A journal that cannot be trusted is told of and left out.</summary>
    public static async Task<IReadOnlyList<DeploymentWindow>> AllAsync(Ports ports, IStepReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(reporter);
        var windows = new List<DeploymentWindow>();
        foreach (var folder in ports.Home.WindowFolders())
        {
            try
            {
                if (await FactsAsync(folder, ports) is { } facts)
                {
                    windows.Add(facts.ToWindow(folder));
                }
            }
            catch (DeployOpsException e)
            {
                reporter.Warn(e.Message);
            }
        }

        return [.. windows.OrderByDescending(window => window.StartedAt)];
    }

    /// <summary>The windows of one environment, newest first.</summary>
    internal static async Task<IReadOnlyList<(DeploymentWindow Window, WindowFacts Facts)>> OfEnvironmentAsync(string environmentFolder, Ports ports)
    {
        var parent = Path.Combine(environmentFolder, "windows");
        var windows = new List<(DeploymentWindow, WindowFacts)>();
        foreach (var folder in Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : [])
        {
            if (File.Exists(Path.Combine(folder, JournalFile.FileName)) && await FactsAsync(folder, ports) is { } facts)
            {
                windows.Add((facts.ToWindow(folder), facts));
            }
        }

        return [.. windows.OrderByDescending(window => window.Item1.StartedAt)];
    }

    private static async Task<WindowFacts?> FactsAsync(string folder, Ports ports)
    {
        var journal = new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        return WindowFacts.Fold(await journal.RefreshAsync());
    }
}

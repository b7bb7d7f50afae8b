using System.Text.Json.Nodes;
using DeployOps.Journal;

namespace DeployOps.Windows;

/// <summary>Writes what people met and how it was resolved, and reads logs, from any terminal at any time.</summary>
public sealed class WindowNotes
{
    private readonly Ports ports;

    /// <summary>Makes the writer and reader.</summary>
    public WindowNotes(Ports ports) => this.ports = ports;

    /// <summary>Makes the secrets of the window's plan known, so that they are kept out of what is asked and written about it.</summary>
    public Task LearnSecretsAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return WindowSecrets.LearnAsync(window, ports);
    }

    /// <summary>Writes a note. It needs no lock.</summary>
    public async Task<JournalRecord> AddAsync(DeploymentWindow window, string issue, string? resolution)
    {
        ArgumentNullException.ThrowIfNull(window);
        await LearnSecretsAsync(window);
        var words = resolution is null ? issue : $"{issue} Resolved: {resolution}";
        return await Journal(window).AppendAsync(new JournalEntry(JournalKind.Note, $"{ports.Operator.Name}: {words}")
        {
            Phase = window.Phase,
            Detail = new JsonObject { ["by"] = ports.Operator.Name, ["issue"] = issue, ["resolution"] = resolution },
        });
    }

    /// <summary>Reads the whole log.</summary>
    /// <exception cref="DeployOpsException"><c>JournalCorrupt</c>, <c>JournalUnreadable</c>.</exception>
    public Task<IReadOnlyList<JournalRecord>> ReadAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return Journal(window).RefreshAsync();
    }

    private JournalFile Journal(DeploymentWindow window) => new(window.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
}

using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Phases;

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

    /// <summary>The note as it would be written; nothing is.</summary>
    public JournalRecord Plan(DeploymentWindow window, string issue, string? resolution)
    {
        var entry = Entry(window, issue, resolution);
        return new JournalRecord
        {
            Seq = 0,
            Time = ports.TimeProvider.GetUtcNow(),
            Epoch = 0,
            Kind = entry.Kind,
            Phase = entry.Phase,
            Message = ports.Redactor.Redact(entry.Message),
            Hash = "",
            Outcome = PhaseOutcome.Planned,
        };
    }

    /// <summary>Writes a note. It needs no lock.</summary>
    public async Task<JournalRecord> AddAsync(DeploymentWindow window, string issue, string? resolution)
    {
        ArgumentNullException.ThrowIfNull(window);
        await LearnSecretsAsync(window);
        return await Journal(window).AppendAsync(Entry(window, issue, resolution));
    }

    /// <summary>Reads the whole log.</summary>
    /// <exception cref="DeployOpsException"><c>JournalCorrupt</c>, <c>JournalUnreadable</c>.</exception>
    public Task<IReadOnlyList<JournalRecord>> ReadAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return Journal(window).RefreshAsync();
    }

    private JournalFile Journal(DeploymentWindow window) => new(window.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);

    private JournalEntry Entry(DeploymentWindow window, string issue, string? resolution)
    {
        ArgumentNullException.ThrowIfNull(window);
        return new JournalEntry(JournalKind.Note, $"{ports.Operator.Name}: {(resolution is null ? issue : $"{issue} Resolved: {resolution}")}")
        {
            Phase = window.Phase,
            Detail = new JsonObject { ["by"] = ports.Operator.Name, ["issue"] = issue, ["resolution"] = resolution },
        };
    }
}

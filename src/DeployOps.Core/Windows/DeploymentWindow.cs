using DeployOps.Phases;

namespace DeployOps.Windows;

/// <summary>
/// A deployment window as it stood when it was emitted. Pipe it, or any result that carries it, into the next phase:
/// cmdlets take its identity from here and its state from the journal.
/// </summary>
public sealed record DeploymentWindow
{
    /// <summary>The window's id, such as <c>shop-2.4.0-1</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The service that is released.</summary>
    public required string Service { get; init; }

    /// <summary>Where it is released to.</summary>
    public required string Environment { get; init; }

    /// <summary>The version it is released as.</summary>
    public required string Release { get; init; }

    /// <summary>Where it stands.</summary>
    public required WindowState State { get; init; }

    /// <summary>The last phase that began.</summary>
    public DeploymentPhase Phase { get; init; }

    /// <summary>How the last phase that began ended; null while it runs or was interrupted.</summary>
    public PhaseOutcome? Outcome { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When forward steps may no longer begin, UTC.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>Who started it.</summary>
    public string Executor { get; init; } = "";

    /// <summary>Who approved it.</summary>
    public string Lead { get; init; } = "";

    /// <summary>The plan's digest, 64 hexadecimal digits.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The full path of the plan.</summary>
    public required string PlanPath { get; init; }

    /// <summary>The window's own folder; empty while it is only planned.</summary>
    public string Folder { get; init; } = "";

    /// <summary>What opening it would check and do, one line each; empty once it is open.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>The full path of the execution log; empty while it is only planned.</summary>
    public string LogPath => Folder.Length == 0 ? "" : System.IO.Path.Combine(Folder, "journal.jsonl");

    /// <summary>The full path of the report; empty while it is only planned. The file appears with the first report.</summary>
    public string ReportPath => Folder.Length == 0 ? "" : System.IO.Path.Combine(Folder, "report.html");

    /// <inheritdoc/>
    public override string ToString() => $"{Id} to {Environment}: {State}";
}

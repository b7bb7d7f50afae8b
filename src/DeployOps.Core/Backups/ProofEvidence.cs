using DeployOps.Migrations.Watching;

namespace DeployOps.Backups;

/// <summary>Where a backup was restored to prove it, and what that did to others.</summary>
public sealed record ProofEvidence
{
    /// <summary>The server, such as <c>db2:5432</c>.</summary>
    public required string Server { get; init; }

    /// <summary>Whether that is the server of the live database, so that the restore was watched, and held where its replicas were behind.</summary>
    public required bool IsOwnServer { get; init; }

    /// <summary>How long the restore took, from its first gate to its end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many looks at the server there were; 0 where it was not watched.</summary>
    public int Samples { get; init; }

    /// <summary>How often the restore was held.</summary>
    public int Holds { get; init; }

    /// <summary>How long it was held, all together.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>The longest that a replica was behind.</summary>
    public TimeSpan PeakLag { get; init; }

    /// <summary>The most that a replica was behind, in bytes.</summary>
    public long PeakLagBytes { get; init; }

    /// <summary>The least that was free on the server's disk, in bytes; null where it is not known.</summary>
    public long? LeastFreeDisk { get; init; }

    /// <summary>Every hold in order, with its numbers; the first hundred of them.</summary>
    public IReadOnlyList<string> Fired { get; init; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>What the proof left behind and could not take away, such as a copy that could not be dropped, each with what to do.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => !IsOwnServer
        ? $"restored on {Server}"
        : string.Join(", ", "restored on its own server", Holds == 0 ? "never held" : $"held for {WatchText.Time(Held)}", $"lag {WatchText.Size(PeakLagBytes)} and {WatchText.Time(PeakLag)} at most");
}

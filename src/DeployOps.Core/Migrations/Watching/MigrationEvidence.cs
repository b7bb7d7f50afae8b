using DeployOps.Migrations.Rehearsal;

namespace DeployOps.Migrations.Watching;

/// <summary>What the watch over one script saw, from its first gate to its end.</summary>
public sealed record MigrationEvidence
{
    /// <summary>The script's file name.</summary>
    public required string Script { get; init; }

    /// <summary>From the first look to the last.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many looks there were.</summary>
    public int Samples { get; init; }

    /// <summary>How many looks could not be taken.</summary>
    public int Missed { get; init; }

    /// <summary>The most sessions that waited for the migration at once.</summary>
    public int PeakBlocked { get; init; }

    /// <summary>The longest that one was seen to wait for it.</summary>
    public TimeSpan PeakBlockedFor { get; init; }

    /// <summary>The longest that a replica was behind.</summary>
    public TimeSpan PeakLag { get; init; }

    /// <summary>The most that a replica was behind, in bytes.</summary>
    public long PeakLagBytes { get; init; }

    /// <summary>How busy the server's processors were at most between two looks, 0 to 1; null where it is not known.</summary>
    public double? PeakCpu { get; init; }

    /// <summary>The most that a slot kept of the log for a replica that was not there, in bytes.</summary>
    public long PeakIdleSlotBytes { get; init; }

    /// <summary>The least that was free on the server's disk, in bytes; null where it is not known.</summary>
    public long? LeastFreeDisk { get; init; }

    /// <summary>How often a gate held.</summary>
    public int Holds { get; init; }

    /// <summary>How long gates held, all together.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>Every gate that held and every breaker that cancelled, in order, with the numbers; the first hundred of them.</summary>
    public IReadOnlyList<string> Fired { get; init; } = [];

    /// <summary>How many fired after the first hundred, as gates may between thousands of rounds.</summary>
    public int FiredMore { get; init; }

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>What its statements did in production, the first two hundred of them; empty where they were not rehearsed or nothing could be seen. What was logged ahead is that of the whole server.</summary>
    public IReadOnlyList<StatementTrace> Statements { get; init; } = [];

    /// <summary>The tables and indexes that were written anew meanwhile; null where that is not known.</summary>
    public IReadOnlyList<string>? Rewritten { get; init; }

    /// <summary>What it did otherwise than on the restored backup, each with both figures.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => string.Join(
        ", ",
        $"{Script}: {Samples} looks in {WatchText.Time(Duration)}",
        $"blocked {WatchText.Sessions(PeakBlocked)} at most, {WatchText.Time(PeakBlockedFor)} at most",
        $"lag {WatchText.Size(PeakLagBytes)} and {WatchText.Time(PeakLag)} at most",
        (Holds == 0 ? "no gate held" : $"gates held for {WatchText.Time(Held)}") + (Differences.Count == 0 ? "" : $", other than rehearsed: {string.Join("; ", Differences)}"));
}

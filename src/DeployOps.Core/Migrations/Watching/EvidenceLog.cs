namespace DeployOps.Migrations.Watching;

/// <summary>Gathers the evidence of one script while it runs.</summary>
/// <param name="script">The script's file name.</param>
public sealed class EvidenceLog(string script)
{
    private const int MostFired = 100;
    private readonly Lock gate = new();
    private MigrationEvidence evidence = new() { Script = script };

    /// <summary>What was gathered so far.</summary>
    public MigrationEvidence Evidence
    {
        get
        {
            lock (gate)
            {
                return evidence;
            }
        }
    }

    /// <summary>A look was taken.</summary>
    public void Add(MigrationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var replicas = sample.Replicas ?? [];
        Change(known => known with
        {
            Samples = known.Samples + 1,
            Duration = sample.Elapsed,
            PeakBlocked = Math.Max(known.PeakBlocked, sample.Blocks.Count),
            PeakBlockedFor = Longest(known.PeakBlockedFor, sample.Blocks.Longest),
            PeakLag = replicas.Select(replica => replica.Time).OfType<TimeSpan>().Aggregate(known.PeakLag, Longest),
            PeakLagBytes = replicas.Select(replica => replica.Bytes).Aggregate(known.PeakLagBytes, Math.Max),
            PeakCpu = sample.Cpu is { } cpu ? Math.Max(known.PeakCpu ?? 0, cpu) : known.PeakCpu,
            PeakIdleSlotBytes = sample.Slots.Where(slot => slot.IsIdle).Select(slot => slot.Held).Aggregate(known.PeakIdleSlotBytes, Math.Max),
            LeastFreeDisk = sample.Disk is { } disk ? Math.Min(known.LeastFreeDisk ?? long.MaxValue, disk.Free) : known.LeastFreeDisk,
        });
    }

    /// <summary>A look could not be taken.</summary>
    public void Miss() => Change(known => known with { Missed = known.Missed + 1 });

    /// <summary>A gate held, and let go or failed.</summary>
    public void Held(TimeSpan time, string what) => Change(known => Listed(known, what) with { Holds = known.Holds + 1, Held = known.Held + time });

    /// <summary>A breaker cancelled.</summary>
    public void Fired(string what) => Change(known => Listed(known, what));

    /// <summary>Something cannot be measured; said once.</summary>
    public void CannotTell(string what) => Change(known => known.Unknown.Contains(what, StringComparer.Ordinal) ? known : known with { Unknown = [.. known.Unknown, what] });

    private static MigrationEvidence Listed(MigrationEvidence known, string what) =>
        known.Fired.Count < MostFired ? known with { Fired = [.. known.Fired, what] } : known with { FiredMore = known.FiredMore + 1 };

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Change(Func<MigrationEvidence, MigrationEvidence> change)
    {
        lock (gate)
        {
            evidence = change(evidence);
        }
    }
}

namespace DeployOps.Migrations.Watching;

/// <summary>
/// Decides between two scripts, statements or chunks whether the migration may go on: nothing of ours is open then, so that waiting hurts nobody. What is over its limit
/// holds it; what is missing, a replica or a look itself, is critical, and after some looks in a row that are, it fails. A gate is asked anew for each thing that is to go on.
/// </summary>
/// <param name="limits">The limits.</param>
public sealed class MigrationGate(MigrationLimits limits)
{
    private int criticals;

    /// <summary>Judges one look.</summary>
    /// <param name="sample">What was seen; null where the server could not be looked at.</param>
    /// <param name="replicas">How many replicas there have to be.</param>
    /// <param name="held">How long the gate has held already.</param>
    public MigrationGateAnswer Judge(MigrationSample? sample, int replicas, TimeSpan held)
    {
        var critical = Critical(sample, replicas).ToList();
        criticals = critical.Count == 0 ? 0 : criticals + 1;
        var reasons = string.Join("; ", critical.Concat(Holding(sample)));
        return reasons.Length == 0 ? new MigrationGateAnswer(MigrationGateState.Open, "")
            : criticals >= limits.CriticalSamples ? new MigrationGateAnswer(MigrationGateState.Failed, $"{reasons}; so at {criticals} looks in a row")
            : held >= limits.Hold ? new MigrationGateAnswer(MigrationGateState.Failed, $"{reasons}; held for {WatchText.Time(held)}, at most {WatchText.Time(limits.Hold)}")
            : new MigrationGateAnswer(MigrationGateState.Hold, reasons);
    }

    private IEnumerable<string> Critical(MigrationSample? sample, int replicas)
    {
        if (sample is null)
        {
            yield return "the server could not be looked at";
        }
        else if (sample.Replicas is null)
        {
            // There are some, or there would be nothing to hide: how far they are behind is unknown, which is not the same as not at all.
            yield return $"how far its replicas are behind is unknown{(replicas > 0 ? $", {Count(replicas)} expected" : "")}: {sample.ReplicasUnknown}";
        }
        else if (sample.Replicas is { } there && there.Count < replicas)
        {
            yield return $"{there.Count} of {Count(replicas)} there";
        }

        if (limits.MustKnowTransactions && sample is { OldTransactionsUnknown: { Length: > 0 } hidden })
        {
            yield return $"how long others have been in a transaction is unknown: {hidden}; the plan asks for it by LongTransaction";
        }

        if (limits is { MustKnowDisk: true, MinFreeDisk: > 0 } && sample is { DiskUnknown: { Length: > 0 } unseen })
        {
            yield return $"what is free is unknown: {unseen}; the plan asks for it by MinFreeDisk";
        }

        if (limits.MaxCpu is not null && sample is { Cpu: null, CpuUnknown: { Length: > 0 } why })
        {
            yield return $"how busy the server's processors are is unknown: {why}";
        }
    }

    private IEnumerable<string> Holding(MigrationSample? sample)
    {
        foreach (var replica in (sample?.Replicas ?? []).Where(replica => !limits.DelayedReplicas.Contains(replica.Name, StringComparer.Ordinal)).Where(replica => replica.Bytes > limits.MaxLagBytes || replica.Time is null || replica.IsAtLeast || replica.Time > limits.MaxLag))
        {
            yield return $"{replica}, at most {WatchText.Size(limits.MaxLagBytes)} and {WatchText.Time(limits.MaxLag)}";
        }

        if (sample is { OldTransactions: { Count: > 0 } old })
        {
            yield return $"transactions open for more than {WatchText.Time(limits.LongTransaction)}: {string.Join(", ", old)}";
        }

        foreach (var slot in (sample?.Slots ?? []).Where(slot => slot.IsInDanger(limits.MaxLagBytes)))
        {
            yield return $"{slot}; beyond that its replica cannot come back";
        }

        if (limits.MaxCpu is { } max && sample is not null && (sample.Cpu > max || sample is { Cpu: null, CpuUnknown: "" }))
        {
            yield return sample.Cpu is { } cpu ? $"the server's processors are {WatchText.Percent(cpu)} busy, at most {WatchText.Percent(max)}" : "how busy the server's processors are is not known yet";
        }

        FreeSpace[] disks = sample is { Disk: { } least } ? [least, .. sample.OtherDisks] : [];
        foreach (var disk in disks.Where(disk => !disk.IsAtLeast(limits.MinFreeDisk)))
        {
            yield return $"{disk} of {disk.Of} are free, at least {(limits.MinFreeDisk < 1 ? WatchText.Percent(limits.MinFreeDisk) : WatchText.Size(limits.MinFreeDisk))}";
        }
    }

    private static string Count(int replicas) => replicas == 1 ? "1 replica" : $"{replicas} replicas";
}

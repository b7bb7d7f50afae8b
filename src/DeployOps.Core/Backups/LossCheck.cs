namespace DeployOps.Backups;

/// <summary>
/// Compares what a restore would lose with what was counted when somebody agreed to it: a copy may take hours to be filled, and whoever was not stopped goes on writing.
/// </summary>
public static class LossCheck
{
    /// <summary>What was written since it was counted, a line each; empty where that is nothing.</summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="counted">What it held when that was named; null where nobody knew, so that nothing can be compared.</param>
    /// <param name="now">What it holds now that nobody can write any more, by the same columns.</param>
    public static IReadOnlyList<string> More(string database, DatabaseFingerprint? counted, DatabaseFingerprint now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return counted is null ? [] : [.. DataLoss.Since(database, counted, now)];
    }

    /// <summary>The refusal of a restore that would lose more than was named.</summary>
    /// <param name="place">The database, and where it is.</param>
    /// <param name="more">What <see cref="More"/> found.</param>
    /// <param name="left">What the database is now, and where what it held is: whole sentences.</param>
    public static DeployOpsException Refusal(string place, IEnumerable<string> more, string left) => new(
        "RestoreLosesMore",
        FaultKind.Denied,
        $"{place} was written to after it was said what restoring loses: {string.Join("; ", more)}. {left}",
        "Stop everything that writes to it, then restore again: what is lost is counted anew.")
    { Target = place };
}

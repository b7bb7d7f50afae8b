namespace DeployOps.Backups;

/// <summary>
/// Compares what a restore would lose with what was counted when somebody agreed to it: a copy may take hours to be filled, and whoever was not stopped goes on writing.
/// </summary>
public static class LossCheck
{
    /// <summary>What was written since it was counted, a line each; empty where that is nothing.</summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="agreed">What it held when that was named; null where nobody knew, so that nothing can be compared.</param>
    /// <param name="now">What it holds now, by the same columns.</param>
    public static IReadOnlyList<string> More(string database, AgreedLoss? agreed, DatabaseFingerprint now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return agreed is null ? [] : [.. DataLoss.Since(database, agreed.Counted, now)];
    }

    /// <summary>The refusal of a restore that would lose more than was named.</summary>
    /// <param name="place">The database, and where it is.</param>
    /// <param name="more">What <see cref="More"/> found.</param>
    /// <param name="who">Who is connected to it and may be who wrote; empty where nobody is, or the server does not say.</param>
    /// <param name="left">What the database is now, and where what it held is: whole sentences.</param>
    /// <param name="isAsBefore">Whether it is as it was before the restore.</param>
    public static DeployOpsException Refusal(string place, IEnumerable<string> more, IReadOnlyList<string> who, string left, bool isAsBefore) => new(
        "RestoreLosesMore",
        FaultKind.Denied,
        $"{place} was written to after it was said what restoring loses: {string.Join("; ", more)}.{Connected(who)} {left}",
        "Stop everything that writes to it, then restore again: what is lost is counted anew. Or give -AcceptDataLoss, by which what is written until it is replaced is lost too.")
    { Target = place, IsAsBefore = isAsBefore };

    /// <summary>What is told where it is lost all the same, since that was accepted.</summary>
    /// <param name="more">What <see cref="More"/> found, and what is known of the time after it.</param>
    /// <param name="who">Who was connected.</param>
    public static string Accepted(IEnumerable<string> more, IReadOnlyList<string> who) =>
        $"what was written while it was restored is lost too, as was accepted: {string.Join("; ", more)}.{Connected(who)}";

    private static string Connected(IReadOnlyList<string> who) => who.Count == 0 ? "" : $" Connected to it: {string.Join(", ", who)}.";
}

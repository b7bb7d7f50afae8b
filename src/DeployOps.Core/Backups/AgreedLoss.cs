namespace DeployOps.Backups;

/// <summary>What somebody agreed to lose by a restore.</summary>
/// <param name="Counted">What the live database held, by the backup's columns, when that was named.</param>
public sealed record AgreedLoss(DatabaseFingerprint Counted)
{
    /// <summary>
    /// True where what is written later, until the database is replaced, may be lost too, as <c>-AcceptDataLoss</c> says: then it is named and keeps nothing from being replaced. A typed
    /// yes holds for what was named. Default false.
    /// </summary>
    public bool AlsoLater { get; init; }
}

using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>Restores with what was counted, and gives back what is told to be left to do.</summary>
internal static class Restores
{
    internal static async Task<string> RestoreAsync(this IBackupTarget backups, string file, DatabaseFingerprint proven, DatabaseFingerprint? counted, CancellationToken cancellationToken, bool alsoLater = false)
    {
        var told = new List<string>();
        await backups.RestoreAsync(file, proven, new RestoreTerms { Agreed = counted is null ? null : new AgreedLoss(counted) { AlsoLater = alsoLater }, Warn = told.Add }, cancellationToken);
        return string.Join(' ', told);
    }

    /// <summary>Terms of a run that stood still while another took over, and sees that at the look of this number, from 1.</summary>
    internal static RestoreTerms TakenOverAt(int look, AgreedLoss? agreed = null)
    {
        var looks = 0;
        return new RestoreTerms { Agreed = agreed, BeforeReplacing = () => _ = ++looks < look ? looks : throw new DeployOpsException("EpochStale", FaultKind.Denied, "Another has taken over.") };
    }
}

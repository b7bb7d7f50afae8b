using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>Restores with what was counted, and gives back what is told to be left to do.</summary>
internal static class Restores
{
    internal static async Task<string> RestoreAsync(this IBackupTarget backups, string file, DatabaseFingerprint proven, DatabaseFingerprint? counted, CancellationToken cancellationToken, bool alsoLater = false)
    {
        var told = new List<string>();
        await backups.RestoreAsync(file, proven, counted is null ? null : new AgreedLoss(counted) { AlsoLater = alsoLater }, told.Add, cancellationToken);
        return string.Join(' ', told);
    }
}

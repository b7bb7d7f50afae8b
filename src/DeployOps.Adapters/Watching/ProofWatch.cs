using System.Globalization;
using DeployOps.Backups;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>Passes on what the watch over a restore sees.</summary>
/// <param name="observer">Who is told.</param>
/// <param name="server">The server that is restored on.</param>
internal sealed class ProofWatch(IProofObserver observer, string server) : IMigrationObserver
{
    /// <inheritdoc/>
    public void Progress(MigrationProgress progress) => observer.Progress(string.Create(
        CultureInfo.InvariantCulture, $"restoring on {server}, {progress.Elapsed.TotalSeconds:0} s{(progress.Holds.Length > 0 ? $", held: {progress.Holds}" : "")}"));

    /// <inheritdoc/>
    public void Ended(MigrationEvidence evidence) => observer.Restored(new ProofEvidence
    {
        Server = server,
        IsOwnServer = true,
        Duration = evidence.Duration,
        Samples = evidence.Samples,
        Holds = evidence.Holds,
        Held = evidence.Held,
        PeakLag = evidence.PeakLag,
        PeakLagBytes = evidence.PeakLagBytes,
        LeastFreeDisk = evidence.LeastFreeDisk,
        Fired = evidence.Fired,
        Unknown = evidence.Unknown,
    });
}

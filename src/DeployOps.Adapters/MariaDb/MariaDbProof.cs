using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Where dumps are restored to prove them: on the server that the plan names for it, else on the database's own, with room for two of it and held by the gate of its migrations,
/// so that its replicas keep up.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="named">A database of the server that the plan names; null where it names none.</param>
/// <param name="limits">What the plan allows a migration.</param>
/// <param name="time">The clock.</param>
internal sealed class MariaDbProof(MariaDbServer live, MariaDbServer? named, MigrationLimits limits, TimeProvider time)
{
    /// <summary>The limits that scripts are tried within there: another server has replicas of its own, or none. How busy processors are is asked of production alone.</summary>
    internal MigrationLimits LimitsThere => limits with { Replicas = named is null ? limits.Replicas : null, MaxCpu = null, MustKnowDisk = false, MustKnowTransactions = false };

    /// <summary>Refuses a server that no dump of the database can be proven on, before there is one.</summary>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>; <c>DatabaseUnreachable</c>; <c>DatabaseReadFailed</c>.</exception>
    internal async Task RefuseUnusableAsync(CancellationToken cancellationToken)
    {
        if (named is not null)
        {
            await using var source = await live.OpenAsync(cancellationToken);
            await SettleAsync(named, source, cancellationToken);
        }
    }

    /// <summary>Restores a dump.</summary>
    /// <exception cref="MySqlException">A server refused.</exception>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupProofUnknown</c>; <c>BackupScratchFailed</c>; <c>BackupToolMissing</c>; <c>BackupToolTooOld</c>; <c>DatabaseUnreachable</c>; <c>ScratchUnusable</c>.</exception>
    internal async Task<MariaDbScratch> RestoreAsync(string file, IProofObserver observer, CancellationToken cancellationToken)
    {
        await using var source = await live.OpenServerAsync(cancellationToken);
        if (named is not null)
        {
            await SettleAsync(named, source, cancellationToken);
        }

        var scratch = await MariaDbScratch.ForProofAsync(live, named ?? live, source, observer.Left, cancellationToken);
        try
        {
            await (named is null ? HereAsync(scratch, file, observer, cancellationToken) : ElsewhereAsync(named, scratch, file, observer, cancellationToken));
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nobody knows whether a backup holds what the database held, since it may not be restored.</summary>
    internal static DeployOpsException Unknown(MariaDbServer live, string why, Exception? cause) => new(
        "BackupProofUnknown",
        FaultKind.Failed,
        $"Whether the backup of {live.Place} can be restored is unknown: {why}. A backup that was not restored is not proven.",
        "Name a server for proofs by Databases.Scratch, or mend that, then start again.",
        cause)
    { Target = live.Database };

    private async Task ElsewhereAsync(MariaDbServer home, MariaDbScratch scratch, string file, IProofObserver observer, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await scratch.FillAsync(file, cancellationToken);
        observer.Restored(new ProofEvidence { Server = home.Name, IsOwnServer = false, Duration = time.GetElapsedTime(started) });
    }

    private async Task HereAsync(MariaDbScratch scratch, string file, IProofObserver observer, CancellationToken cancellationToken)
    {
        await using var control = await MariaDbControl.OpenAsync(live, cancellationToken);
        // Transactions of others keep nothing from a database that nobody knows of.
        await using var sampler = new MariaDbSampler(scratch.Server, control, scratch.Keeper.ServerThread, TimeSpan.MaxValue, time, limits.Replicas);
        await new ProofRestore(Path.GetFileName(file), live.Name, limits, observer, time).RunAsync(
            sampler,
            gate => scratch.FillAsync(file, cancellationToken, gate is null ? null : always => gate(always, cancellationToken)),
            () => Task.CompletedTask,
            (why, cause) => Unknown(live, why, cause),
            cancellationToken);
    }

    private async Task SettleAsync(MariaDbServer scratch, MySqlConnection source, CancellationToken cancellationToken)
    {
        try
        {
            await using var there = await scratch.OpenServerAsync(cancellationToken);
            await MariaDbScratchServer.RequireAsync(live, source, scratch, there, cancellationToken);
        }
        catch (MySqlException e)
        {
            throw MariaDbErrors.Of(scratch, e);
        }
    }
}

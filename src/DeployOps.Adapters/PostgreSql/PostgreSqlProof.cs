using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Where dumps are restored to prove them: on the server that the plan names for it, else on the database's own where it is known to have room for two of it, held by the gate of its
/// migrations, so that its replicas keep up. A server that is named and is the database's own is gated as that; who names it says that there is room where that cannot be seen.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="named">A database of the server that the plan names; null where it names none.</param>
/// <param name="limits">What the plan allows a migration.</param>
/// <param name="time">The clock.</param>
internal sealed class PostgreSqlProof(PostgreSqlServer live, PostgreSqlServer? named, MigrationLimits limits, TimeProvider time)
{
    /// <summary>The limits that scripts are tried within there: another server has replicas of its own, or none. How busy processors are is asked of production alone.</summary>
    internal MigrationLimits LimitsThere => limits with { Replicas = isElsewhere ? null : limits.Replicas, MaxCpu = null, MustKnowDisk = false, MustKnowTransactions = false };

    private bool isElsewhere;

    /// <summary>Refuses a server that no dump of the database can be proven on, before there is one.</summary>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>; <c>DatabaseUnreachable</c>; <c>DatabaseReadFailed</c>.</exception>
    internal async Task RefuseUnusableAsync(CancellationToken cancellationToken)
    {
        if (named is not null)
        {
            await using var source = await live.OpenAsync("scratch", cancellationToken);
            await SettleAsync(named, source, cancellationToken);
        }
    }

    /// <summary>Restores a dump.</summary>
    /// <exception cref="NpgsqlException">A server refused.</exception>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupProofUnknown</c>; <c>BackupScratchFailed</c>; <c>BackupToolMissing</c>; <c>BackupToolTooOld</c>; <c>DatabaseUnreachable</c>; <c>ScratchUnusable</c>.</exception>
    internal async Task<PostgreSqlScratch> RestoreAsync(string file, IProofObserver observer, CancellationToken cancellationToken)
    {
        await using var source = await live.OpenAsync("scratch", cancellationToken);
        if (named is not null)
        {
            await SettleAsync(named, source, cancellationToken);
        }

        var home = named ?? live.At("postgres");
        var scratch = await PostgreSqlScratch.ForProofAsync(live, home, source, mustKnowRoom: named is null, isElsewhere ? PostgreSqlCopyPlace.Elsewhere : PostgreSqlCopyPlace.Beside, observer.Left, cancellationToken);
        try
        {
            var pour = await scratch.PourAsync(file, source.PostgreSqlVersion.Major, isElsewhere, cancellationToken);
            await (isElsewhere ? ElsewhereAsync(scratch, pour, source, observer, cancellationToken) : HereAsync(home, scratch, pour, source, Path.GetFileName(file), observer, cancellationToken));
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nobody knows whether a backup holds what the database held, since it may not be restored.</summary>
    internal static DeployOpsException Unknown(PostgreSqlServer live, string why, Exception? cause) => new(
        "BackupProofUnknown",
        FaultKind.Failed,
        $"Whether the backup of {live.Place} can be restored is unknown: {why}. A backup that was not restored is not proven.",
        "Name a server for proofs by Databases.Scratch, without a plan by -Scratch, or mend that, then start again. A window goes on without it only by -Deviation of the next phase, with a reason.",
        cause)
    { Target = live.Database };

    private async Task ElsewhereAsync(PostgreSqlScratch scratch, PostgreSqlPour pour, NpgsqlConnection source, IProofObserver observer, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await pour.AllAsync(cancellationToken);
        await scratch.FinishAsync(source, cancellationToken);
        observer.Restored(new ProofEvidence { Server = named!.Name, IsOwnServer = false, Duration = time.GetElapsedTime(started) });
    }

    private async Task HereAsync(PostgreSqlServer home, PostgreSqlScratch scratch, PostgreSqlPour pour, NpgsqlConnection source, string file, IProofObserver observer, CancellationToken cancellationToken)
    {
        await using var control = await PostgreSqlControl.OpenAsync(home, cancellationToken);
        var process = await control.UseFirstAsync(connection => PostgreSqlRunnerProcess.FindAsync(connection, scratch.Process, cancellationToken)) ?? PostgreSqlRunnerProcess.Nobody;
        // Transactions of others keep nothing from a database that nobody knows of.
        var sampler = new PostgreSqlSampler(control, process, TimeSpan.MaxValue, new PostgreSqlHost(home, scratch.Process), time, new ReplicationClock());
        await new ProofRestore(file, home.Name, limits, observer, time).RunAsync(
            sampler,
            gate => gate is null ? pour.AllAsync(cancellationToken) : pour.PacedAsync(gate, cancellationToken),
            () => scratch.FinishAsync(source, cancellationToken),
            (why, cause) => Unknown(live, why, cause),
            cancellationToken);
    }

    private async Task SettleAsync(PostgreSqlServer scratch, NpgsqlConnection source, CancellationToken cancellationToken)
    {
        try
        {
            await using var there = await scratch.OpenAsync("scratch", cancellationToken);
            isElsewhere = await PostgreSqlScratchServer.RequireAsync(live, source, scratch, there, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Of(scratch, e);
        }
    }
}

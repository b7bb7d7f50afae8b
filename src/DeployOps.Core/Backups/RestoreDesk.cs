using System.Globalization;
using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Windows;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Backups;

/// <summary>Puts a backup back without a window: what would be lost by it is told first, and wants to be accepted.</summary>
/// <param name="ports">The world.</param>
/// <param name="reporter">Told what goes on, and asked.</param>
/// <param name="place">Where to.</param>
public sealed class RestoreDesk(Ports ports, IStepReporter reporter, RestorePlace place)
{
    // Who looks whether it is free holds it for a moment.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>What would be restored and lost; nothing is touched.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>BackupMissing</c>, <c>BackupProofMissing</c>, <c>BackupProofInvalid</c>, <c>BackupChanged</c>; <c>RestorePlaceMissing</c>; what reading the database and the plan throws.
    /// </exception>
    public async Task<RestoredBackup> PlanAsync(string file, CancellationToken cancellationToken)
    {
        var (planned, counted) = await CountAsync(file, cancellationToken);
        if (counted is not null && DataLoss.OfColumns(DataLoss.Columns(planned.Target, counted)) is { } columns)
        {
            reporter.Warn($"{planned.Name}: {columns}.");
        }

        return planned;
    }

    private async Task<(RestoredBackup Planned, DatabaseFingerprint? Counted)> CountAsync(string file, CancellationToken cancellationToken)
    {
        var proof = BackupProof.Read(file);
        await BackupFile.RefuseChangedAsync(file, proof.Database?.Sha256 ?? proof.Folder!.Sha256, cancellationToken);
        if (proof.Folder is { } folder)
        {
            folder = place.Of(folder, ports);
            var losses = await LossesAsync(folder, cancellationToken);
            return (Planned(folder.Name, BackupKind.Folder, file, folder.TakenAt, folder.Folder, folder.Words, losses), null);
        }

        var manifest = proof.Database!;
        var database = place.Of(manifest.Database, proof.DatabaseKind!, ports);
        var (lost, counted) = await LossesAsync(database, manifest, cancellationToken);
        return (Planned(manifest.Database, BackupKind.Database, file, manifest.TakenAt, database.Name, manifest.Words, lost), counted);
    }

    /// <summary>Puts it back. Losses are asked about where nobody has accepted them.</summary>
    /// <param name="planned">What was planned.</param>
    /// <param name="acceptDataLoss">True where somebody has accepted what it loses.</param>
    /// <param name="cancellationToken">Stops it; the target is then as it was or as the backup.</param>
    /// <exception cref="DeployOpsException"><c>DataLossNotAccepted</c>; <c>EnvironmentBusy</c> and <c>EnvironmentInRelease</c> where a plan names the environment; what <see cref="BackupRunner.RestoreAsync(BackupManifest, AgreedLoss, CancellationToken)"/> and <see cref="FolderBackup.RestoreAsync"/> throw.</exception>
    public async Task<RestoredBackup> RunAsync(RestoredBackup planned, bool acceptDataLoss, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(planned);
        using var held = await RefuseReleaseAsync(cancellationToken);
        // Counted again: a prompt may have stood for long.
        (planned, var counted) = await CountAsync(planned.File, cancellationToken);
        if (planned.Losses.Count > 0 && !acceptDataLoss)
        {
            await RequireAcceptanceAsync(planned, cancellationToken);
        }

        var proof = BackupProof.Read(planned.File);
        if (proof.Folder is { } folder)
        {
            await new FolderBackup(reporter, ports.TimeProvider).RestoreAsync(place.Of(folder, ports), cancellationToken);
        }
        else
        {
            await using var opened = ports.OpenDatabase(place.Of(proof.Database!.Database, proof.DatabaseKind!, ports));
            await new BackupRunner(opened.Backups, reporter, ports.TimeProvider).RestoreAsync(proof.Database, counted is null ? null : new AgreedLoss(counted) { AlsoLater = acceptDataLoss }, cancellationToken);
        }

        return planned with { Outcome = PhaseOutcome.Succeeded };
    }

    // Where a plan names the environment, nobody else changes it meanwhile, and no release is on its way in it.
    private async Task<EnvironmentLock?> RefuseReleaseAsync(CancellationToken cancellationToken)
    {
        if (place.Plan is not { } path)
        {
            return null;
        }

        var plan = ports.Plans.Read(path).Require();
        var folder = ports.Home.Environment(plan.Service, plan.Environment);
        var held = await EnvironmentLock.TakeAsync(folder, ports.Operator.Name, LockPatience, ports.TimeProvider, cancellationToken);
        try
        {
            var windows = await WindowCatalog.OfEnvironmentAsync(folder, ports);
            if (windows.Select(one => one.Window).FirstOrDefault(window => window.State is WindowState.Open or WindowState.RollingBack) is { } open)
            {
                throw new DeployOpsException(
                    "EnvironmentInRelease",
                    FaultKind.Busy,
                    $"{open.Id} is {open.State} in {plan.Environment}: its log would not know what becomes of the database.",
                    "Go back with -Database Restore, which also brings traffic and instances back:")
                { Command = $"{NextCommand.Back(open.Id)} -Database Restore" };
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private async Task RequireAcceptanceAsync(RestoredBackup planned, CancellationToken cancellationToken)
    {
        var lost = string.Join("; ", planned.Losses);
        if (await reporter.AskAsync($"Restoring {planned.Name} loses what was written since the backup: {lost}. Restore all the same?", cancellationToken) != true)
        {
            throw new DeployOpsException(
                "DataLossNotAccepted",
                FaultKind.Denied,
                $"Restoring {planned.Name} would lose what was written since the backup: {lost}.",
                "To lose it, give -AcceptDataLoss; to keep it too, take a backup of it first with New-DeploymentBackup.")
            { Target = planned };
        }
    }

    private async Task<(IReadOnlyList<string> Lost, DatabaseFingerprint? Counted)> LossesAsync(DatabaseSpec database, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var opened = ports.OpenDatabase(database);
        try
        {
            var counted = await opened.Backups.FingerprintAsync(manifest.Fingerprint, cancellationToken);
            return ([.. DataLoss.Of(database.Name, manifest.Fingerprint, counted)], counted);
        }
        catch (DeployOpsException e) when (e is { ErrorId: "DatabaseUnreachable", Kind: FaultKind.NotFound })
        {
            // A database that is not there, as on a new machine, has nothing to lose; nor may it have once it is to be replaced.
            return ([], new DatabaseFingerprint("", []));
        }
        catch (DeployOpsException e) when (e.ErrorId is "DatabaseUnreachable" or "DatabaseReadFailed")
        {
            return ([$"what {database.Name} holds cannot be told: {e.Fact.TrimEnd('.')}"], null);
        }
    }

    private static async Task<IReadOnlyList<string>> LossesAsync(FolderManifest manifest, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(manifest.Folder))
        {
            return [];
        }

        var comparison = await FolderBackup.CompareAsync(manifest, cancellationToken);
        return comparison.Verdict == GateVerdict.Pass ? [] : [comparison.Detail];
    }

    private static RestoredBackup Planned(string name, BackupKind kind, string file, DateTimeOffset takenAt, string target, string words, IReadOnlyList<string> losses)
    {
        var lost = losses.Count == 0 ? "nothing is lost" : $"lost: {string.Join("; ", losses)}";
        return new RestoredBackup
        {
            Name = name,
            Kind = kind,
            File = file,
            TakenAt = takenAt,
            Target = target,
            Losses = losses,
            Outcome = PhaseOutcome.Planned,
            Summary = string.Create(CultureInfo.InvariantCulture, $"the backup of {takenAt.UtcDateTime:u} with {words}; {lost}"),
        };
    }
}

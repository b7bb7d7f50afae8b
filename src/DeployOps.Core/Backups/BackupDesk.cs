using System.Globalization;
using DeployOps.Backups.Folders;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;

namespace DeployOps.Backups;

/// <summary>Takes backups without a window: of one database, one folder, or all that a plan names.</summary>
/// <param name="ports">The world.</param>
/// <param name="reporter">Told what goes on.</param>
public sealed class BackupDesk(Ports ports, IStepReporter reporter)
{
    /// <summary>What a plan names to be backed up: its databases and its folders of settings, in order.</summary>
    /// <exception cref="DeployOpsException"><c>PlanNotFound</c>, <c>PlanInvalid</c>, <c>PlanUnreadable</c>, <c>PlanTooLarge</c>; <c>NothingToBackUp</c>.</exception>
    public (IReadOnlyList<DatabaseSpec> Databases, IReadOnlyList<ConfigurationSpec> Folders) OfPlan(string path)
    {
        var plan = ports.Plans.Read(path).Require();
        return plan.Databases.Count + plan.Configuration.Count > 0
            ? (plan.Databases, plan.Configuration)
            : throw new DeployOpsException("NothingToBackUp", FaultKind.InvalidData, $"{plan.Path} names neither a database nor a folder.", "Add it to Databases or Configuration.") { Target = plan.Path };
    }

    /// <summary>What a backup of a database would be; nothing is touched.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseServerUnsupported</c>.</exception>
    public DeploymentBackup Plan(DatabaseSpec database, string folder)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Planned(database.RequireServers().Name, BackupKind.Database, $"a {database.Kind} database", folder, BackupExtension.Of(database));
    }

    /// <summary>What a backup of a folder would be; nothing is touched.</summary>
    public DeploymentBackup Plan(ConfigurationSpec configuration, string folder)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Planned(configuration.Name, BackupKind.Folder, configuration.Path, folder, "tar");
    }

    /// <summary>Takes the backup that was planned, and proves it.</summary>
    /// <exception cref="DeployOpsException">What <see cref="BackupRunner.TakeAsync"/> throws; <c>FolderUnusable</c>; <c>DiskSyncFailed</c>.</exception>
    public async Task<DeploymentBackup> TakeAsync(DatabaseSpec database, DeploymentBackup planned, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(planned);
        DurableFile.CreateFolder(Path.GetDirectoryName(planned.File)!);
        await using var opened = ports.OpenDatabase(database);
        var manifest = await new BackupRunner(opened.Backups, reporter, ports.TimeProvider).TakeAsync(database.Name, planned.File, cancellationToken);
        DurableFile.SyncFile(manifest.File);
        BackupProof.Write(database.Kind, manifest, ports.Redactor);

        return Taken(planned, manifest.Size, manifest.Sha256, manifest.TakenAt, $"{manifest.Words}, {manifest.ProofWords}");
    }

    /// <summary>Takes the backup that was planned, and proves it.</summary>
    /// <exception cref="DeployOpsException">What <see cref="FolderBackup.TakeAsync"/> throws; <c>FolderUnusable</c>; <c>DiskSyncFailed</c>.</exception>
    public async Task<DeploymentBackup> TakeAsync(ConfigurationSpec configuration, DeploymentBackup planned, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(planned);
        DurableFile.CreateFolder(Path.GetDirectoryName(planned.File)!);
        var manifest = await new FolderBackup(reporter, ports.TimeProvider).TakeAsync(configuration.Name, configuration.Path, planned.File, cancellationToken);
        BackupProof.Write(manifest, ports.Redactor);

        return Taken(planned, manifest.Size, manifest.Sha256, manifest.TakenAt, $"{manifest.Words}, extracted and equal");
    }

    private static DeploymentBackup Taken(DeploymentBackup planned, long size, string sha256, DateTimeOffset at, string summary) =>
        planned with { Size = size, Sha256 = sha256, TakenAt = at, Outcome = PhaseOutcome.Succeeded, Summary = summary };

    private DeploymentBackup Planned(string name, BackupKind kind, string summary, string folder, string extension)
    {
        var now = ports.TimeProvider.GetUtcNow();
        return new DeploymentBackup
        {
            Name = name,
            Kind = kind,
            File = FreeName(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}")), extension),
            TakenAt = now,
            Outcome = PhaseOutcome.Planned,
            Summary = summary,
        };
    }

    // Two in one second are two backups.
    private static string FreeName(string start, string extension)
    {
        var number = 1;
        var file = $"{start}.{extension}";
        while (File.Exists(file))
        {
            number++;
            file = string.Create(CultureInfo.InvariantCulture, $"{start}-{number}.{extension}");
        }

        return file;
    }
}

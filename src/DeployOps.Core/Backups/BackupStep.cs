using System.Globalization;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Backups;

/// <summary>Takes a database's backup and proves it; taken back, keeps it: a backup is never in the way.</summary>
internal sealed class BackupStep(DatabaseSpec database, PhaseContext context) : IStep
{
    public StepIdentity Identity { get; } = new(DeploymentPhase.Preparation, $"backup/{database.Name}", $"{database.Name}: backed up, restored into a scratch place and compared");

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(context.Session.Folder, "backups");
        DurableFile.CreateFolder(folder);
        // A run that was killed may have left a file without a proof; the next one takes another name.
        var extension = BackupExtension.Of(database);
        var number = Directory.EnumerateFiles(folder, $"{database.Name}-*.{extension}").Count() + 1;
        var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{database.Name}-{number}.{extension}"));
        await using var opened = context.Ports.OpenDatabase(database);
        MigrationRehearsal? rehearsal = null;
        DeployOpsException? failed = null;
        var runner = new BackupRunner(opened.Backups, context.Reporter, context.Ports.TimeProvider)
        {
            GoesBackByIt = context.Plan.Rollback.Database == DatabaseRollback.Restore,
            Hide = secret => context.Ports.Redactor.Register(secret),
            TryOn = async copy =>
            {
                try
                {
                    rehearsal = await RehearseAsync(copy, cancellationToken);
                }
                catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
                {
                    // It says nothing against the backup, which is proven all the same.
                    failed = e;
                }
            },
        };
        var manifest = await runner.TakeAsync(database.Name, file, cancellationToken);
        DurableFile.SyncFile(file);
        BackupProof.Write(database.Kind, manifest, context.Ports.Redactor);
        if (failed is not null)
        {
            throw failed;
        }

        var words = string.Create(CultureInfo.InvariantCulture, $"{manifest.Size} bytes, {manifest.Words}, {manifest.ProofWords}");
        if (rehearsal is not null)
        {
            await context.Session.CaptureAsync(DeploymentPhase.Preparation, MigrationRehearsal.CaptureName(database.Name), rehearsal, $"{(rehearsal.Scripts.Count == 0 ? "" : "Rehearsed: ")}{rehearsal}");
        }

        await context.Session.CaptureAsync(DeploymentPhase.Preparation, CaptureName(database.Name), manifest, $"Backup of {database.Name} proven: {words}", readBack: manifest with { Proof = null });

        return rehearsal is null ? words : $"{words}; {rehearsal}";
    }

    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var name = $"backup of {database.Name}";
        return Task.FromResult(context.Session.Facts.Captured<BackupManifest>(CaptureName(database.Name)) is { } manifest && File.Exists(manifest.File)
            ? GateResult.Pass(name, $"proven at {manifest.TakenAt:HH:mm:ss} UTC")
            : GateResult.Fail(name, "no proven backup yet"));
    }

    public Task<string> UndoAsync(CancellationToken cancellationToken) => Task.FromResult("the backup is kept");

    // Once the migration has begun there is nothing left to rehearse that production did not have already.
    private async Task<MigrationRehearsal?> RehearseAsync(IDatabase copy, CancellationToken cancellationToken)
    {
        if (database is not { Migrations: not null, Rehearsal: RehearsalExtent.Full } || context.Session.Facts.Steps.Any(step => step.Phase == DeploymentPhase.Migration))
        {
            return null;
        }

        var rehearser = new MigrationRehearser(copy, context.Reporter, context.Ports.TimeProvider) { Redact = context.Ports.Redactor.Redact };
        var began = context.Ports.TimeProvider.GetUtcNow();
        return await rehearser.RunAsync(database, MigrationFactory.Scripts(database, context.Files), MigrationFactory.Queries(database, context.Files), cancellationToken)
            ?? (rehearser.Untried is { } why ? MigrationRehearsal.None(database.Name, began, why) : null);
    }

    /// <summary>The name under which the manifest is captured in the journal.</summary>
    internal static string CaptureName(string database) => $"backup/{database}";
}

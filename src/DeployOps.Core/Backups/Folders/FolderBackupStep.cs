using System.Globalization;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Steps;

namespace DeployOps.Backups.Folders;

/// <summary>Takes the backup of a folder of settings and proves it; taken back, keeps it: a backup is never in the way.</summary>
internal sealed class FolderBackupStep(ConfigurationSpec configuration, PhaseContext context) : IStep
{
    public StepIdentity Identity { get; } = new(DeploymentPhase.Preparation, CaptureName(configuration.Name), $"{configuration.Name}: backed up, extracted into a scratch place and compared");

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(context.Session.Folder, "backups");
        DurableFile.CreateFolder(folder);
        // A run that was killed may have left a file without a proof; the next one takes another name.
        var file = Enumerable.Range(1, int.MaxValue).Select(number => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{configuration.Name}-{number}.tar"))).First(path => !File.Exists(path));
        var manifest = await new FolderBackup(context.Reporter, context.Ports.TimeProvider).TakeAsync(configuration.Name, configuration.Path, file, cancellationToken);
        BackupProof.Write(manifest, context.Ports.Redactor);
        await context.Session.CaptureAsync(DeploymentPhase.Preparation, CaptureName(configuration.Name), manifest, $"Backup of {configuration.Name} proven: {manifest.Words}, extracted and equal", readBack: manifest);

        return $"{manifest.Words}, extracted and equal";
    }

    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var name = $"backup of {configuration.Name}";
        return Task.FromResult(context.Session.Facts.Captured<FolderManifest>(CaptureName(configuration.Name)) is { } manifest && File.Exists(manifest.File)
            ? GateResult.Pass(name, $"proven at {manifest.TakenAt:HH:mm:ss} UTC")
            : GateResult.Fail(name, "no proven backup yet"));
    }

    public Task<string> UndoAsync(CancellationToken cancellationToken) => Task.FromResult("the backup is kept");

    /// <summary>The step's key, and the name under which the manifest is captured in the journal.</summary>
    internal static string CaptureName(string configuration) => $"configuration/{configuration}";
}

using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;

namespace DeployOps.Rollbacks;

/// <summary>Makes a folder of settings what it was when the window was prepared. What it held since is gone then; the release wrote it.</summary>
internal sealed class FolderRestoreStep(FolderManifest manifest, PhaseContext context) : IStep
{
    private readonly FolderBackup backup = new(context.Reporter, context.Ports.TimeProvider);

    public StepIdentity Identity { get; } = new(DeploymentPhase.Rollback, KeyOf(manifest.Name), $"{manifest.Name}: restored from the backup of {manifest.TakenAt:HH:mm:ss} UTC");

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string configuration) => $"restore-configuration/{configuration}";

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        // What nobody changed is not touched, so that nobody who reads it is disturbed.
        if ((await FolderBackup.CompareAsync(manifest, cancellationToken)).Verdict == GateVerdict.Pass)
        {
            return $"{manifest.Folder} was as in its backup";
        }

        context.Session.ThrowIfStale();
        await backup.RestoreAsync(manifest, cancellationToken);
        return $"{manifest.Folder} holds what {manifest.File} holds";
    }

    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken) => FolderBackup.CompareAsync(manifest, cancellationToken);

    public Task<string> UndoAsync(CancellationToken cancellationToken) => throw new DeployOpsException(
        "RestoreNotReversible", FaultKind.InvalidOperation, $"{manifest.Name} was restored from its backup; what it held before is gone.");
}

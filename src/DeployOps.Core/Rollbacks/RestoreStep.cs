using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Replaces a database by the backup this window took. There is no way back from it: that is why it asks first.</summary>
/// <param name="database">The database.</param>
/// <param name="manifest">The backup.</param>
/// <param name="context">The context by the plan that is in force.</param>
/// <param name="agreed">What it held when its loss was accepted; null where that is not known.</param>
internal sealed class RestoreStep(DatabaseSpec database, BackupManifest manifest, PhaseContext context, AgreedLoss? agreed = null) : IStep
{
    public StepIdentity Identity { get; } = new(DeploymentPhase.Rollback, KeyOf(database.Name), $"{database.Name}: restored from the backup of {manifest.TakenAt:HH:mm:ss} UTC");

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string database) => $"restore/{database}";

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        await using var opened = context.Ports.OpenDatabase(database);
        // Hashing may take long enough for another to take over.
        var runner = new BackupRunner(opened.Backups, context.Reporter, context.Ports.TimeProvider) { BeforeReplacing = context.Session.ThrowIfStale };
        var told = await runner.RestoreAsync(manifest, agreed, cancellationToken);

        return string.Join("; ", [$"{database.Name} holds what {manifest.File} holds", .. told]);
    }

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var opened = context.Ports.OpenDatabase(database);
        return BackupComparison.Compare($"restore of {database.Name}", manifest.Fingerprint, await opened.Backups.FingerprintAsync(cancellationToken));
    }

    public Task<string> UndoAsync(CancellationToken cancellationToken) => throw new DeployOpsException(
        "RestoreNotReversible", FaultKind.InvalidOperation, $"{database.Name} was restored from its backup; what it held before is gone.");
}

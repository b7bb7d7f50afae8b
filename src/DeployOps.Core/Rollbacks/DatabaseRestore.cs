using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// Brings the backups of this window back. Traffic is stopped first, since nobody may write meanwhile; rows written since the backup are
/// counted and named, and nothing is touched where there are any and nobody accepted their loss.
/// </summary>
internal sealed class DatabaseRestore(PhaseContext context, RolloutPlan? rollout)
{
    /// <summary>Stops the traffic and restores each database that this window migrated.</summary>
    /// <exception cref="DeployOpsException"><c>DataLossNotAccepted</c> before anything was touched; <c>BackupMissing</c>; <c>RestoreTrafficRemains</c>.</exception>
    internal async Task RunAsync(bool acceptDataLoss, CancellationToken cancellationToken)
    {
        var targets = Targets();
        if (!acceptDataLoss)
        {
            await RefuseLossAsync(targets, cancellationToken);
        }

        var runner = new StepRunner(context.Session, context.Reporter);
        await CloseAsync(cancellationToken);
        await runner.RunAsync([.. targets.Select(target => (IStep)new RestoreStep(target.Database, target.Manifest, context))], cancellationToken);
    }

    /// <summary>Sends traffic to the old instances again, where no traffic step was there to be taken back.</summary>
    internal async Task ReopenAsync(CancellationToken cancellationToken)
    {
        if (await CaptureAsync() is { } plan)
        {
            await RolloutFactory.Tools(context).RouteAsync(TrafficStep.OldWeights(plan), plan.OldVersion, cancellationToken);
        }
    }

    private List<(DatabaseSpec Database, BackupManifest Manifest)> Targets()
    {
        var targets = new List<(DatabaseSpec, BackupManifest)>();
        foreach (var database in context.Plan.Databases.Where(database => database.Migrations is not null))
        {
            var manifest = context.Session.Facts.Captured<BackupManifest>(BackupStep.CaptureName(database.Name))
                ?? throw new DeployOpsException("BackupMissing", FaultKind.NotFound, $"The journal has no proven backup of {database.Name}.", "Go back with -Database Keep or Down.");
            targets.Add((database, manifest));
        }

        return targets;
    }

    private async Task RefuseLossAsync(List<(DatabaseSpec Database, BackupManifest Manifest)> targets, CancellationToken cancellationToken)
    {
        var losses = new List<string>();
        foreach (var (database, manifest) in targets)
        {
            await using var opened = context.Ports.Adapters.OpenDatabase(database);
            losses.AddRange(Losses(database.Name, manifest.Fingerprint, await opened.Backups.FingerprintAsync(cancellationToken)));
        }

        if (losses.Count > 0)
        {
            throw new DeployOpsException(
                "DataLossNotAccepted",
                FaultKind.Denied,
                $"Restoring would lose what was written since the backup: {string.Join("; ", losses)}.",
                "Accept it with Invoke-Rollback -Database Restore -AcceptDataLoss, or go back with -Database Keep.");
        }
    }

    /// <summary>What a restore would lose, table by table. The history table is the migration's own and no loss.</summary>
    internal static IEnumerable<string> Losses(string database, DatabaseFingerprint backup, DatabaseFingerprint live)
    {
        foreach (var table in live.Tables.Where(table => !table.Name.StartsWith("deployops_", StringComparison.Ordinal)))
        {
            var before = backup.Tables.FirstOrDefault(candidate => candidate.Name == table.Name);
            if (before is null ? table.Rows > 0 : before.Rows != table.Rows)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows, {before?.Rows ?? 0} in the backup";
            }
            else if (before is not null && before.Hash != table.Hash)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows as in the backup, but not the same ones";
            }
        }
    }

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await CaptureAsync() is not { } plan)
        {
            return;
        }

        var tools = RolloutFactory.Tools(context);
        await tools.Router.SetWeightsAsync(plan.NewWeights.Keys.ToDictionary(name => name, _ => 0, StringComparer.Ordinal), cancellationToken);
        var drained = await tools.DrainAsync([.. plan.Old, .. plan.New], cancellationToken);
        if (drained.Verdict != GateVerdict.Pass)
        {
            await tools.RouteAsync(TrafficStep.OldWeights(plan), plan.OldVersion, cancellationToken);
            throw new DeployOpsException(
                "RestoreTrafficRemains",
                FaultKind.Timeout,
                $"The database is not restored while requests write to it: {drained.Detail}.",
                "Traffic is as it was. Try again, or go back with -Database Keep.");
        }
    }

    // Where the rollout never began there is nothing captured, but traffic must be stopped all the same.
    private async Task<RolloutPlan?> CaptureAsync() =>
        rollout ?? (context.Plan.Rollout is null ? null : await RolloutFactory.PlanAsync(context));
}

using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Phases;
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
    /// <summary>True where this window migrated a database, so that there is something to bring back.</summary>
    internal bool IsNeeded => Migrated().Any();

    /// <summary>What would be restored, a line each.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>.</exception>
    internal IEnumerable<string> Changes() => Targets().Select(target => new RestoreStep(target.Database, target.Manifest, context).Identity.Change);

    /// <summary>Stops the traffic and restores each database that this window migrated and did not restore before. Where that fails, traffic is as it was.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>; <c>RestoreTrafficRemains</c>; what the database says.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var steps = Targets().ConvertAll(target => (IStep)new RestoreStep(target.Database, target.Manifest, context));
        if (steps.Count == 0)
        {
            return;
        }

        var before = await CloseAsync(cancellationToken);
        try
        {
            await new StepRunner(context.Session, context.Reporter).RunAsync(steps, cancellationToken);
        }
        catch (Exception e) when (before is not null && e is not DeployOpsException { ErrorId: "EpochStale" or "JournalBroken" })
        {
            // Whatever failed, or was cancelled: traffic on nothing is worse than traffic on what served it until now.
            // Only one that was taken over, or cannot write what it does, touches nothing any more.
            await RolloutFactory.Tools(context).Router.SetWeightsAsync(before, CancellationToken.None);
            throw;
        }
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
        // What the old version wrote after an earlier restore is its own and no loss to be asked about.
        foreach (var database in Migrated().Where(database => context.Session.Facts.Step(RestoreStep.KeyOf(database.Name))?.State != StepState.Done))
        {
            var manifest = context.Session.Facts.Captured<BackupManifest>(BackupStep.CaptureName(database.Name))
                ?? throw new DeployOpsException("BackupMissing", FaultKind.NotFound, $"The journal has no proven backup of {database.Name}.", "Go back with -Database Keep or Down.");
            targets.Add((database, manifest));
        }

        return targets;
    }

    private IEnumerable<DatabaseSpec> Migrated() => context.Plan.Databases.Where(database =>
        context.Session.Facts.Steps.Any(step => step.Phase == DeploymentPhase.Migration && step.Key.StartsWith($"migrate/{database.Name}/", StringComparison.Ordinal)));

    /// <summary>Counts what a restore would lose and lets a person accept it; nothing is touched.</summary>
    /// <exception cref="DeployOpsException"><c>DataLossNotAccepted</c> with the tables and numbers; <c>BackupMissing</c>.</exception>
    internal async Task RequireAcceptanceAsync(CancellationToken cancellationToken)
    {
        var losses = new List<string>();
        foreach (var (database, manifest) in Targets())
        {
            await using var opened = context.Ports.Adapters.OpenDatabase(database);
            losses.AddRange(Losses(database.Name, manifest.Fingerprint, await opened.Backups.FingerprintAsync(cancellationToken)));
        }

        var question = $"Restoring loses what was written since the backup: {string.Join("; ", losses)}. Restore all the same?";
        if (losses.Count > 0 && await context.Reporter.AskAsync(question, cancellationToken) != true)
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

    // Answers the weights that were, or null where the plan has no traffic.
    private async Task<Dictionary<string, int>?> CloseAsync(CancellationToken cancellationToken)
    {
        if (await CaptureAsync() is not { } plan)
        {
            return null;
        }

        var tools = RolloutFactory.Tools(context);
        var state = await tools.Router.ReadAsync(cancellationToken);
        var before = plan.NewWeights.Keys.ToDictionary(name => name, name => state.Destinations[name].Weight, StringComparer.Ordinal);
        await tools.Router.SetWeightsAsync(plan.NewWeights.Keys.ToDictionary(name => name, _ => 0, StringComparer.Ordinal), cancellationToken);
        var drained = await tools.DrainAsync([.. plan.Old, .. plan.New], cancellationToken);
        if (drained.Verdict != GateVerdict.Pass)
        {
            await tools.Router.SetWeightsAsync(before, cancellationToken);
            throw new DeployOpsException(
                "RestoreTrafficRemains",
                FaultKind.Timeout,
                $"The database is not restored while requests write to it: {drained.Detail}.",
                "Traffic is as it was. Try again, or go back with -Database Keep.");
        }

        return before;
    }

    // Where the rollout never began there is nothing captured, but traffic must be stopped all the same.
    private async Task<RolloutPlan?> CaptureAsync() =>
        rollout ?? (context.Plan.Rollout is null ? null : await RolloutFactory.PlanAsync(context));
}

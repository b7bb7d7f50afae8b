using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// Brings the backups of this window back, once the old version has the traffic again. Traffic is stopped first, since nobody may write meanwhile;
/// rows written since the backup are counted and named, and nothing is touched where there are any and nobody accepted their loss.
/// </summary>
/// <param name="context">The context by the plan that is in force.</param>
/// <param name="history">The plans by which databases were migrated and traffic was moved.</param>
/// <param name="rollout">The rollout that has begun; null where there is none.</param>
/// <param name="acceptsLessCapacity">Whether traffic may flow again without old instances that cannot serve it.</param>
internal sealed class DatabaseRestore(PhaseContext context, PlanHistory history, RolloutPlan? rollout, bool acceptsLessCapacity = false)
{
    private readonly StepRunner runner = new(context.Session, context.Reporter);
    private readonly PhaseContext traffic = history.OfRollout();

    /// <summary>True where this window migrated a database, so that there is something to bring back.</summary>
    internal bool IsNeeded => Migrated().Any();

    /// <summary>True where traffic was stopped for a restore, in this run or an earlier one, and not opened again since.</summary>
    internal bool IsTrafficStopped => context.Session.Facts.Step(ClosedTrafficStep.Key) is { State: not StepState.Undone };

    /// <summary>What would be restored, a line each.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>.</exception>
    internal IEnumerable<string> Changes() => Targets().Select(target => new RestoreStep(target.Database, target.Manifest, context).Identity.Change);

    /// <summary>
    /// Stops the traffic, restores each database that this window migrated and did not restore before, and lets it flow to the old version again,
    /// also where that fails or is cancelled.
    /// </summary>
    /// <exception cref="DeployOpsException">
    /// <c>DataLossNotAccepted</c>; <c>BackupMissing</c>; <c>RestoreLosesMore</c>; <c>RestoreTrafficRemains</c>; <c>RestoreTrafficStopped</c>; what the database says.
    /// </exception>
    internal async Task RunAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        try
        {
            await RestoreAsync(order, cancellationToken);
        }
        catch (Exception e) when (IsTrafficStopped && e is not DeployOpsException { ErrorId: "EpochStale" or "JournalBroken" })
        {
            // Only one that was taken over, or cannot write what it does, touches nothing any more.
            await ReopenAfterAsync(e);
            throw;
        }

        if (IsTrafficStopped)
        {
            await ReopenAsync(cancellationToken);
        }
    }

    /// <summary>Lets traffic that was stopped for a restore flow to the old version again.</summary>
    internal async Task ReopenAsync(CancellationToken cancellationToken) =>
        await runner.UndoAsync(new ClosedTrafficStep((await CaptureAsync())!, RolloutFactory.Tools(traffic, acceptsLessCapacity)), cancellationToken);

    /// <summary>Puts right what a restore left that was begun and did not end, whatever is done with the databases now: before anything looks at them or is served by them.</summary>
    internal async Task MendAsync(CancellationToken cancellationToken)
    {
        foreach (var database in Migrated().Where(database => context.Session.Facts.Step(RestoreStep.KeyOf(database.Name)) is { State: not StepState.Done }))
        {
            try
            {
                await using var opened = context.Ports.OpenDatabase(database);
                if (await opened.Backups.MendAsync(cancellationToken) is { Length: > 0 } mended)
                {
                    context.Reporter.Warn(mended);
                }
            }
            catch (DeployOpsException e)
            {
                // It keeps no traffic from going back.
                context.Reporter.Warn($"What a restore of {database.Name} left that did not end could not be put right: {e.Fact} {e.NextStep}");
            }
        }
    }

    private async Task RestoreAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        var targets = Targets();
        if (targets.Count == 0)
        {
            return;
        }

        // While the old version still serves: what cannot be restored is no reason to stop the traffic.
        foreach (var (database, manifest) in targets)
        {
            context.Reporter.Progress("Rollback", $"{database.Name}: checking {Path.GetFileName(manifest.File)}");
            await BackupFile.RefuseChangedAsync(manifest.File, manifest.Sha256, cancellationToken);
            await RefuseHinderedAsync(database, cancellationToken);
        }

        var before = await CountAsync(cancellationToken);
        if (Columns(before) is { } columns)
        {
            context.Reporter.Warn($"{char.ToUpperInvariant(columns[0])}{columns[1..]}.");
        }

        order = order with { Accepted = await AcceptAsync(order, before, cancellationToken) };
        await CloseAsync(cancellationToken);
        // Counted again now that nobody writes any more. Nobody is asked while no one is served: a yes holds until here.
        var counted = await CountAsync(cancellationToken);
        var losses = Losses(counted);
        if (losses.Count > 0)
        {
            if (!order.LossIsAccepted)
            {
                throw NotAccepted(losses);
            }

            await context.Session.AppendGateAsync(DeploymentPhase.Rollback, GateResult.Pass("data loss accepted", string.Join("; ", losses)));
        }

        // A copy may take hours to be filled, and not everybody writes by way of the router.
        await runner.RunAsync(counted.ConvertAll(target => (IStep)new RestoreStep(target.Database, target.Manifest, context, new AgreedLoss(target.Now) { AlsoLater = order.AcceptLaterLoss })), cancellationToken);
    }

    private List<(DatabaseSpec Database, BackupManifest Manifest)> Targets()
    {
        var targets = new List<(DatabaseSpec, BackupManifest)>();
        // What the old version wrote after an earlier restore is its own and no loss to be asked about.
        foreach (var database in Migrated().Where(database => context.Session.Facts.Step(RestoreStep.KeyOf(database.Name))?.State != StepState.Done))
        {
            var manifest = context.Session.Facts.Captured<BackupManifest>(BackupStep.CaptureName(database.Name))
                ?? throw new DeployOpsException("BackupMissing", FaultKind.NotFound, $"The journal has no proven backup of {database.Name}.", "Keep the migrated schema with -Database Keep, or run the undo scripts with -Database Down.");
            targets.Add((database, manifest));
        }

        return targets;
    }

    private IEnumerable<DatabaseSpec> Migrated() => context.Session.Facts.Steps
        .Where(step => MigrationStep.DatabaseOf(step.Key) is not null && MayHaveLeft(step))
        .GroupBy(step => MigrationStep.DatabaseOf(step.Key), StringComparer.Ordinal)
        .Select(steps => history.Of(steps.Last()).Plan.Databases.First(database => database.Name == steps.Key));

    // A script of one transaction that failed left nothing to restore; of one that runs statement by statement, those before the failure are in effect.
    private bool MayHaveLeft(StepFacts step) =>
        step.State != StepState.Undone && (step.State != StepState.Failed || !MigrationFactory.IsOneTransaction(history.Of(step), step.Key));

    /// <summary>Sees that each backup is there and as long as it was. What it holds is hashed only once nothing goes forward any more, since that may take minutes.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>; <c>BackupChanged</c>.</exception>
    internal void RequireBackups()
    {
        foreach (var (_, manifest) in Targets())
        {
            try
            {
                BackupFile.RefuseAnotherSize(manifest.File, manifest.Size);
            }
            catch (DeployOpsException e)
            {
                throw new DeployOpsException(e.ErrorId, e.Kind, e.Fact, $"{e.NextStep} Or keep the migrated schema:", e) { Command = $"{NextCommand.Back(context.Window.Id)} -Database Keep", Target = e.Target };
            }
        }
    }

    private async Task RefuseHinderedAsync(DatabaseSpec database, CancellationToken cancellationToken)
    {
        await using var opened = context.Ports.OpenDatabase(database);
        if (await opened.Backups.FindHindranceAsync(cancellationToken) is not { } hindrance)
        {
            return;
        }

        if (hindrance.IsCertain)
        {
            throw new DeployOpsException("RestoreFailed", FaultKind.InvalidOperation, $"{database.Name} is not replaced by its backup: {hindrance.Why}. It is as it was before.", hindrance.Next) { Target = database.Name, IsAsBefore = true };
        }

        context.Reporter.Warn($"{database.Name}: before its backup is put back: {hindrance.Why}. {hindrance.Next}");
    }

    /// <summary>Counts what a restore would lose and lets a person accept what nobody has accepted yet; nothing is touched.</summary>
    /// <returns>What is lost, a line a table.</returns>
    /// <exception cref="DeployOpsException"><c>DataLossNotAccepted</c> with the tables and numbers; <c>BackupMissing</c>.</exception>
    internal async Task<IReadOnlyList<string>> RequireAcceptanceAsync(RollbackOrder order, CancellationToken cancellationToken) => await AcceptAsync(order, await CountAsync(cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<string>> AcceptAsync(RollbackOrder order, List<(DatabaseSpec Database, BackupManifest Manifest, DatabaseFingerprint Now)> counted, CancellationToken cancellationToken)
    {
        var losses = Losses(counted);
        var question = $"Restoring loses what was written since the backup: {string.Join("; ", losses)}; and what is written until traffic is stopped for it. Restore all the same?";
        if (losses.Count > 0 && !order.LossIsAccepted && await context.Reporter.AskAsync(question, cancellationToken) != true)
        {
            throw NotAccepted(losses);
        }

        return losses;
    }

    private async Task<List<(DatabaseSpec Database, BackupManifest Manifest, DatabaseFingerprint Now)>> CountAsync(CancellationToken cancellationToken)
    {
        var counted = new List<(DatabaseSpec, BackupManifest, DatabaseFingerprint)>();
        foreach (var (database, manifest) in Targets())
        {
            await using var opened = context.Ports.OpenDatabase(database);
            counted.Add((database, manifest, await opened.Backups.FingerprintAsync(manifest.Fingerprint, cancellationToken)));
        }

        return counted;
    }

    private static List<string> Losses(IEnumerable<(DatabaseSpec Database, BackupManifest Manifest, DatabaseFingerprint Now)> counted) =>
        [.. counted.SelectMany(target => DataLoss.Of(target.Database.Name, target.Manifest.Fingerprint, target.Now))];

    private static string? Columns(IEnumerable<(DatabaseSpec Database, BackupManifest Manifest, DatabaseFingerprint Now)> counted) => DataLoss.OfColumns(counted.SelectMany(target => DataLoss.Columns(target.Database.Name, target.Now)));

    private DeployOpsException NotAccepted(IReadOnlyList<string> losses) => new(
        "DataLossNotAccepted",
        FaultKind.Denied,
        $"Restoring would lose what was written since the backup: {string.Join("; ", losses)}.",
        $"To lose them: {NextCommand.Back(context.Window.Id)} -Database Restore -AcceptDataLoss; to keep them on the migrated schema:")
    { Command = $"{NextCommand.Back(context.Window.Id)} -Database Keep" };

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await CaptureAsync() is not { } plan)
        {
            return;
        }

        var tools = RolloutFactory.Tools(traffic, acceptsLessCapacity);
        await runner.RunAsync([new ClosedTrafficStep(plan, tools)], cancellationToken);
        var drained = await tools.DrainAsync(traffic.Plan.Rollout!.Instances, cancellationToken);
        if (drained.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException(
                "RestoreTrafficRemains",
                FaultKind.Timeout,
                $"The database is not restored while requests write to it: {PhaseFailure.Sentence(drained.Detail)}",
                "Wait until they have ended, or keep the migrated schema with -Database Keep.");
        }
    }

    private async Task ReopenAfterAsync(Exception why)
    {
        try
        {
            await ReopenAsync(CancellationToken.None);
        }
        catch (DeployOpsException e) when (e.ErrorId is not ("EpochStale" or "JournalBroken"))
        {
            // Both are told: what kept the restore from being done, and that nobody is served.
            throw new DeployOpsException("RestoreTrafficStopped", FaultKind.Failed, $"{Fact(why)} Traffic was stopped for the restore and could not be opened again: {e.Fact}", e.NextStep, why);
        }
    }

    private static string Fact(Exception exception) => exception is DeployOpsException known ? known.Fact : exception.Message;

    // Where the rollout never began there is nothing captured, but traffic must be stopped all the same.
    private async Task<RolloutPlan?> CaptureAsync() =>
        rollout ?? (traffic.Plan.Rollout is null ? null : await RolloutFactory.PlanAsync(traffic));
}

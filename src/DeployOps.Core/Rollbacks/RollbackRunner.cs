using System.Globalization;
using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Production;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// Goes back from the journal alone: old version healthy at captured capacity, traffic to it, the new drained and stopped, each step in
/// reverse order of what really happened, the database as far as allowed, smoke tests on the old version.
/// </summary>
internal sealed class RollbackRunner(Ports ports, IStepReporter reporter)
{
    private readonly List<string> undone = [];
    private readonly LostInstances lost = new();
    private TimeSpan? trafficBackAfter;
    private RolloutPlan? rollout;
    private DatabaseRollback database;

    // What Keep has to stand on; null where nothing was looked at.
    private KeepProof? proof;
    private long start;

    // Behind the point of no return.
    private IReadOnlyList<string> stays = [];
    private IReadOnlyList<string> others = [];

    // What earlier attempts took: users have waited since the first decision.
    private TimeSpan earlier;

    /// <summary>Says what going back would do, from the journal alone.</summary>
    internal RollbackResult Plan(WindowSession session, RollbackOrder order)
    {
        var context = Context(session, CancellationToken.None);
        var history = new PlanHistory(context);
        database = Choose(context, order, history);
        rollout = RolloutFactory.Begun(history.OfRollout());
        undone.AddRange(ToRestore(context, order).Select(one => one.Backup is { } backup ? new FolderRestoreStep(backup, context).Identity.Change : $"{one.Configuration.Name}: stays, since there is no proven backup of it"));
        var planned = RollbackPlanner.Plan(session.Facts, database);
        (stays, others) = Stays(session.Facts);
        undone.AddRange(planned.Select(step => step.Change));
        if (database == DatabaseRollback.Restore)
        {
            undone.AddRange(new DatabaseRestore(context, history, rollout).Changes());
        }

        var migrated = session.Facts.Steps.Any(step => step is { Phase: DeploymentPhase.Migration, State: not StepState.Undone });
        var summary = (undone.Count, migrated) switch
        {
            (0, false) => "nothing was changed yet; the window ends",
            (0, true) => $"no instance and no traffic was changed; the window ends; database: {DatabaseWords(migrated)}",
            _ => $"back to {rollout?.OldVersion ?? "the old version"} in {undone.Count} steps: {string.Join("; ", undone)}; database: {DatabaseWords(migrated)}",
        };

        // Told and not refused: the traffic goes back in any case.
        var missing = WithoutUndo(planned, new StepCatalog(history));
        var but = missing.Count == 0 ? "" : $", but no script would be taken back: no undo script for {string.Join(", ", missing)}";

        return End(order, PhaseOutcome.Planned, summary + but) with { Window = session.Window };
    }

    /// <summary>Carries the rollback out in a session that holds the environment's lock, and journals it from its begin to its end.</summary>
    /// <exception cref="DeployOpsException">Only what leaves no journal to write to; every other failure is a result.</exception>
    internal async Task<PhaseAttempt<RollbackResult>> RunAsync(WindowSession session, RollbackOrder order, CancellationToken cancellationToken)
    {
        start = ports.TimeProvider.GetTimestamp();
        await session.TurnBackAsync();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Lost);
        var begun = await session.AppendAsync(new JournalEntry(JournalKind.PhaseStarted, $"Going back: {order.Reason}") { Phase = DeploymentPhase.Rollback });
        earlier = begun.Time - session.Facts.Phase(DeploymentPhase.Rollback)!.StartedAt;
        var attempt = await AttemptAsync(session, order, either.Token, cancellationToken);
        var result = attempt.Result with
        {
            StartedAt = session.Facts.Phase(DeploymentPhase.Rollback)!.StartedAt,
            Duration = ports.TimeProvider.GetElapsedTime(start),
            Production = ProductionState.Of(session.Facts, attempt.Result.Outcome).ToString(),
            NextCommand = attempt.Error is { } error ? error.Command ?? NextCommand.Back(session.Facts.Opening.Id) : "",
        };
        result = result.Redacted(ports.Redactor);
        await session.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, result.Summary)
        {
            Phase = DeploymentPhase.Rollback,
            Detail = JournalJson.ToNode(new PhaseEnd(result.Outcome, JournalJson.ToNode(result))),
        });

        return attempt with { Result = result with { Window = session.Window } };
    }

    /// <summary>What a rollback on a person's word ended with, told as every phase's error is.</summary>
    internal static PhaseEnding<RollbackResult> Ending(WindowSession session, PhaseAttempt<RollbackResult> attempt)
    {
        var (result, error) = (attempt.Result, attempt.Error);
        return new PhaseEnding<RollbackResult>(result, error is null ? null : PhaseFailure.Ended(DeploymentPhase.Rollback, attempt, result, NextCommand.After(session.Facts, DeploymentPhase.Rollback, result.Outcome, error)));
    }

    /// <summary>Sees that there is something to restore and lets a person accept what that would lose, before anybody is asked to give way.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>, <c>BackupChanged</c>, <c>DataLossNotAccepted</c>; nothing was touched.</exception>
    internal async Task<IReadOnlyList<string>> RequireAcceptanceAsync(WindowSession session, RollbackOrder order, CancellationToken cancellationToken)
    {
        var context = Context(session, cancellationToken);
        if ((order.Database ?? context.Plan.Rollback.Database) != DatabaseRollback.Restore)
        {
            return order.Accepted;
        }

        var history = new PlanHistory(context);
        var restore = new DatabaseRestore(context, history, RolloutFactory.Begun(history.OfRollout()));
        restore.RequireBackups();
        return order.AcceptDataLoss ? order.Accepted : await restore.RequireAcceptanceAsync(order, cancellationToken);
    }

    private async Task<PhaseAttempt<RollbackResult>> AttemptAsync(WindowSession session, RollbackOrder order, CancellationToken token, CancellationToken cancelled)
    {
        try
        {
            await GoBackAsync(session, order, token);
            return new PhaseAttempt<RollbackResult>(End(order, PhaseOutcome.RolledBack, Success(session.Facts)), null);
        }
        catch (OperationCanceledException) when (session.Lost.IsCancellationRequested)
        {
            session.ThrowIfStale();
            throw;
        }
        catch (OperationCanceledException e) when (cancelled.IsCancellationRequested)
        {
            return Broken(PhaseOutcome.Cancelled, "was cancelled", new DeployOpsException("Cancelled", FaultKind.Stopped, "Ctrl+C, or what stopped the pipeline, came while work was in flight.", innerException: e));
        }
        catch (Exception e) when (e is not DeployOpsException { ErrorId: "JournalBroken" or "EpochStale" or "JournalCorrupt" })
        {
            var known = e as DeployOpsException ?? new DeployOpsException("UnexpectedFailure", FaultKind.Failed, $"something met that nobody expected: {e.GetType().Name}: {e.Message}", innerException: e);
            return Broken(PhaseOutcome.RollbackFailed, "failed", new DeployOpsException("RollbackFailed", known.Kind, known.Fact, known.NextStep, e) { Command = known.Command ?? Command(session, order, known) });
        }

        PhaseAttempt<RollbackResult> Broken(PhaseOutcome outcome, string how, DeployOpsException error)
        {
            var at = StepWords.At(StepWords.Unfinished(session.Facts));
            var words = $"Going back {how}{(at is null ? "" : $" at {at}")} after {undone.Count} step{(undone.Count == 1 ? "" : "s")}: {PhaseFailure.Sentence(error.Fact)}";
            return new PhaseAttempt<RollbackResult>(End(order, outcome, words), error) { At = at };
        }
    }

    // The same way again; where that cannot lead anywhere, the one that can.
    private static string Command(WindowSession session, RollbackOrder order, DeployOpsException error)
    {
        if (error.ErrorId == "FolderNotRestored")
        {
            return $"{NextCommand.Back(session.Facts.Opening.Id)} -Configuration {ConfigurationRollback.Keep}";
        }

        if (error.ErrorId == "OldCapacityMissing" && !order.AcceptLessCapacity)
        {
            return $"{NextCommand.Back(session.Facts.Opening.Id)} -AcceptLessCapacity";
        }

        var way = error.ErrorId is "MigrationUndoMissing" or "BackupMissing" or "BackupChanged" ? DatabaseRollback.Keep : order.Database;
        return $"{NextCommand.Back(session.Facts.Opening.Id)}{(way is null ? "" : $" -Database {way}")}";
    }

    private async Task GoBackAsync(WindowSession session, RollbackOrder order, CancellationToken cancellationToken)
    {
        var context = Context(session, cancellationToken);
        var history = new PlanHistory(context);
        database = Choose(context, order, history);
        rollout = RolloutFactory.Begun(history.OfRollout());

        var restore = new DatabaseRestore(context, history, rollout, order.AcceptLessCapacity);
        await restore.MendAsync(cancellationToken);
        var restores = database == DatabaseRollback.Restore && restore.IsNeeded;
        if (!restores && restore.IsTrafficStopped)
        {
            // An earlier run was killed while it restored, and this one does not: nobody is left without service.
            await restore.ReopenAsync(cancellationToken);
            undone.Add("traffic opened again");
        }

        var unrestored = await RestoreConfigurationAsync(context, order, cancellationToken);
        var lacking = await UndoAsync(context, history, order, cancellationToken);
        if (lacking is not null)
        {
            throw await WithSmokeAsync(lacking, history);
        }

        if (restores)
        {
            await restore.RunAsync(order, cancellationToken);
            undone.Add("databases restored from their backups");
        }

        if (unrestored is not null)
        {
            throw unrestored;
        }

        await RollbackSmoke.RequireAsync(history, rollout);
    }

    // Users are served by the instances that are back: whether well is told beside what is lacking.
    private async Task<DeployOpsException> WithSmokeAsync(DeployOpsException lacking, PlanHistory history)
    {
        try
        {
            await RollbackSmoke.RequireAsync(history, rollout);
            return lacking;
        }
        catch (DeployOpsException e) when (e.ErrorId == "RollbackSmokeFailed")
        {
            return new DeployOpsException(lacking.ErrorId, lacking.Kind, $"{PhaseFailure.Sentence(lacking.Fact)} {e.Fact}", lacking.NextStep, e);
        }
    }

    // First, since an old version that has to be started needs its own settings; but what keeps them from being restored keeps no traffic from going back.
    private async Task<DeployOpsException?> RestoreConfigurationAsync(PhaseContext context, RollbackOrder order, CancellationToken cancellationToken)
    {
        try
        {
            MendFolders(context);
            foreach (var (configuration, backup) in ToRestore(context, order))
            {
                var step = new FolderRestoreStep(backup ?? throw new DeployOpsException("FolderNotRestored", FaultKind.NotFound, $"The journal has no proven backup of {configuration.Name}.", "Leave the settings as they are."), context);
                await new StepRunner(context.Session, reporter).RunAsync([step], cancellationToken);
                undone.Add(step.Identity.Change);
            }

            return null;
        }
        catch (Exception e) when (e is not (OperationCanceledException or DeployOpsException { ErrorId: "EpochStale" or "JournalBroken" }))
        {
            var known = e as DeployOpsException;
            var error = new DeployOpsException("FolderNotRestored", known?.Kind ?? FaultKind.Failed, known?.Fact ?? e.Message, known?.NextStep ?? "Mend what it names, or leave the settings as they are.", e);
            reporter.Warn($"The settings are not restored, and going back goes on: {error.Fact}");
            return error;
        }
    }

    // Whatever is done with the settings now, a restore of them that was killed may have left them moved away.
    private static void MendFolders(PhaseContext context)
    {
        foreach (var configuration in context.Plan.Configuration)
        {
            var begun = context.Session.Facts.Steps.Any(step => step.Key == FolderRestoreStep.KeyOf(configuration.Name) && step.State is StepState.Intended or StepState.Failed);
            if (begun && context.Session.Facts.Captured<FolderManifest>(FolderBackupStep.CaptureName(configuration.Name)) is { } backup)
            {
                context.Session.ThrowIfStale();
                FolderBackup.Mend(backup.Folder);
            }
        }
    }

    private static List<(ConfigurationSpec Configuration, FolderManifest? Backup)> ToRestore(PhaseContext context, RollbackOrder order)
    {
        var facts = context.Session.Facts;
        var mayHaveChanged = facts.Steps.Any(step => step.Phase is DeploymentPhase.Migration or DeploymentPhase.Rollout);
        return (order.Configuration ?? context.Plan.Rollback.Configuration) == ConfigurationRollback.Restore && mayHaveChanged
            ? [.. context.Plan.Configuration.Select(configuration => (configuration, facts.Captured<FolderManifest>(FolderBackupStep.CaptureName(configuration.Name))))]
            : [];
    }

    // What of the instances is lacking in the end, or null: then everything was taken back, or somebody accepted that it was not.
    private async Task<DeployOpsException?> UndoAsync(PhaseContext context, PlanHistory history, RollbackOrder order, CancellationToken cancellationToken)
    {
        var catalog = new StepCatalog(history, order, lost);
        var planned = RollbackPlanner.Plan(context.Session.Facts, database);
        (stays, others) = Stays(context.Session.Facts);
        string? unseen = null;
        var steps = new StepsBack(context, catalog, lost, planned)
        {
            BeforeScript = () => RequireUndo(planned, catalog),
            Taken = fact => undone.Add(fact.Change),
            TrafficBack = async () => unseen = await TrafficBackAsync(context.Session, history, order, cancellationToken),
        };
        await steps.RunAsync(cancellationToken);
        if (unseen is null && rollout?.Batches.Count > 0 && context.Session.Facts.Steps.Any(step => DrainStep.Is(step.Key)))
        {
            // An earlier attempt moved the last of it, and may not have seen what came of that.
            unseen = await TrafficBackAsync(context.Session, history, order, cancellationToken);
        }

        if (lost.Names.Count == 0 || order.AcceptLessCapacity)
        {
            return null;
        }

        var data = database == DatabaseRollback.Keep ? "" : " The database stays as it is until then.";
        return new DeployOpsException(
            "OldCapacityMissing",
            FaultKind.Failed,
            $"Every other instance is back on {rollout!.OldVersion}, and {string.Join(", ", lost.Names)} cannot be made to serve it. {lost.Words}{unseen}{data}",
            $"Bring {string.Join(", ", lost.Names)} back and go back again, or go back without:");
    }

    // Where instances went back one after another, nothing but the old version may answer once the last is in. What could not be seen is told, where that is no wonder.
    private async Task<string> TrafficBackAsync(WindowSession session, PlanHistory history, RollbackOrder order, CancellationToken cancellationToken)
    {
        if (rollout?.Batches.Count > 0)
        {
            var tools = RolloutFactory.Tools(history.OfRollout(), order.AcceptLessCapacity, lost);
            await new RollingReturn(rollout, tools).LeaveOutAsync(cancellationToken);
            try
            {
                await tools.RequireAnswersAsync(rollout.OldVersion, cancellationToken);
            }
            catch (DeployOpsException e) when (e.ErrorId == "RouterServesOtherVersion" && lost.Names.Count > 0 && !order.AcceptLessCapacity)
            {
                return $" {PhaseFailure.Sentence(e.Fact)}";
            }
        }

        trafficBackAfter = earlier + ports.TimeProvider.GetElapsedTime(start);
        await session.AppendGateAsync(DeploymentPhase.Rollback, GateResult.Pass("traffic back", string.Create(CultureInfo.InvariantCulture, $"all traffic on {rollout?.OldVersion ?? "the old version"} {trafficBackAfter.Value.TotalSeconds:0.0} s after the decision")));
        return "";
    }

    // All or none: between two versions of the schema nobody has tested anything.
    private static void RequireUndo(IReadOnlyList<StepFacts> planned, StepCatalog catalog)
    {
        var missing = WithoutUndo(planned, catalog);
        if (missing.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationUndoMissing",
                FaultKind.NotFound,
                $"No undo script for {string.Join(", ", missing)}, so no script is taken back.",
                "Keep the migrated schema with -Database Keep, or bring the backup back with -Database Restore.");
        }
    }

    private static IReadOnlyList<string> WithoutUndo(IReadOnlyList<StepFacts> planned, StepCatalog catalog) =>
    [
        .. planned.Where(fact => MigrationStep.DatabaseOf(fact.Key) is not null && fact.State != StepState.Failed)
            .Select(catalog.Rebuild).OfType<MigrationStep>().Where(step => !step.HasUndo).Select(step => step.FileName),
    ];

    private PhaseContext Context(WindowSession session, CancellationToken cancellationToken)
    {
        var force = WindowPlan.InForce(session, ports, SparedSections.GoingBack);
        return new PhaseContext
        {
            Plan = force.Plan,
            Files = force.Files,
            OpenSession = session,
            Ports = ports,
            Reporter = reporter,
            Token = cancellationToken,
            Window = session.Window,
        };
    }

    // Kept, a schema that the old version was seen not to run on serves nobody. Unasked, only undo scripts run that were seen to lead back, and only before a rollout has begun: what the new version wrote is not Down's to lose.
    private DatabaseRollback Choose(PhaseContext context, RollbackOrder order, PlanHistory history)
    {
        var facts = context.Session.Facts;
        proof = KeepProof.Of(facts);
        if (order.Database is not null || context.Plan.Rollback.Database != DatabaseRollback.Keep)
        {
            return order.Database ?? context.Plan.Rollback.Database;
        }

        return proof is { Verdict: GateVerdict.Fail } && !facts.Steps.Any(step => step.Phase == DeploymentPhase.Rollout)
            && PointOfNoReturn.Kept(facts).Count == 0 && PointOfNoReturn.WasRehearsed(facts) && WithoutUndo(RollbackPlanner.Plan(facts, DatabaseRollback.Down), new StepCatalog(history)).Count == 0
            ? DatabaseRollback.Down
            : DatabaseRollback.Keep;
    }

    private string DatabaseWords(bool migrated) => database switch
    {
        _ when !migrated => $"{database}, nothing was migrated",
        DatabaseRollback.Keep => $"Keep, what was migrated stays{proof?.Words}",
        DatabaseRollback.Down when stays.Count > 0 => $"Down, by the undo scripts as far as they lead back: {string.Join(", ", stays)} stay{(stays.Count == 1 ? "s" : "")}{Unrehearsed}",
        DatabaseRollback.Down when proof is { Verdict: GateVerdict.Fail } => $"Down, by the undo scripts, since the old version was seen not to run on the migrated schema: {proof.Summary}",
        DatabaseRollback.Down => $"Down, by the undo scripts{Unrehearsed}",
        _ => "Restore, rows written since the backup are lost",
    };

    private (IReadOnlyList<string> Stays, IReadOnlyList<string> Others) Stays(WindowFacts facts) =>
        database == DatabaseRollback.Down ? ([.. PointOfNoReturn.Kept(facts).Select(step => step.Change)], [.. PointOfNoReturn.Others(facts).Select(step => step.Change)]) : ([], []);

    private string Unrehearsed => others.Count == 0 ? "" : $"; the rehearsal was of other scripts than {string.Join(", ", others)}, so that nobody knows whether their undo scripts lead back";

    private string Success(WindowFacts facts)
    {
        var traffic = trafficBackAfter is { } after ? string.Create(CultureInfo.InvariantCulture, $" All traffic was there after {after.TotalSeconds:0.0} s.") : "";
        var scripts = facts.Steps.Where(step => step is { Phase: DeploymentPhase.Migration, State: not StepState.Undone }).ToList();
        return (undone.Count, scripts.Count, scripts.Exists(script => script.State != StepState.Failed)) switch
        {
            (0, 0, _) => "Nothing had been changed; production is as it was.",
            (0, _, false) => "No instance and no traffic had been changed, and no script was applied to its end.",
            (0, _, true) => $"No instance and no traffic had been changed; what was migrated stays{proof?.Words}.",
            _ => $"Production is back on {rollout?.OldVersion ?? "the old version"}{(lost.Names.Count == 0 ? "" : $" without {string.Join(", ", lost.Names)}, as was accepted")}; database: {(stays.Count == 0 && proof is null ? $"{database}" : DatabaseWords(scripts.Count > 0 || database != DatabaseRollback.Keep))}.{traffic}",
        };
    }

    private RollbackResult End(RollbackOrder order, PhaseOutcome outcome, string summary) => new()
    {
        Outcome = outcome,
        Summary = summary,
        Reason = order.Reason,
        To = rollout?.OldVersion,
        TrafficBackAfter = trafficBackAfter,
        Database = database,
        Steps = undone,
    };
}

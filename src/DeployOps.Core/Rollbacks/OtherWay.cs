using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Tells whether a window that has gone back did so another way than somebody orders now, and what brings about what is ordered.</summary>
internal static class OtherWay
{
    /// <summary>Why the order is not carried out; null where it asks for nothing else than what is so. Pure.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="done">What happened to the databases.</param>
    /// <param name="database">What is ordered for them; null where nothing is.</param>
    /// <param name="configuration">What is ordered for the folders of settings; null where nothing is.</param>
    internal static DeployOpsException? Refusal(WindowFacts facts, DatabaseRollback done, DatabaseRollback? database, ConfigurationRollback? configuration)
    {
        var scripts = facts.Steps.Where(step => step.Phase == DeploymentPhase.Migration && MigrationStep.DatabaseOf(step.Key) is not null).ToList();
        if (database is { } ordered && IsOther(facts, scripts, done, ordered))
        {
            var backups = scripts.Select(step => MigrationStep.DatabaseOf(step.Key)!).Distinct(StringComparer.Ordinal).Select(name => facts.Captured<BackupManifest>(BackupStep.CaptureName(name))?.File);
            return Told(facts, $"-Database {ordered}", $"-Database {done}", ordered == DatabaseRollback.Keep ? [] : backups);
        }

        var folders = facts.CapturedNames(FolderBackupStep.CaptureName("")).ToLookup(name => facts.Step(FolderRestoreStep.KeyOf(name))?.State == StepState.Done);
        var mayHaveChanged = facts.Steps.Any(step => step.Phase is DeploymentPhase.Migration or DeploymentPhase.Rollout);
        return configuration switch
        {
            ConfigurationRollback.Keep when folders[true].Any() => Told(facts, "-Configuration Keep", "-Configuration Restore", []),
            ConfigurationRollback.Restore when mayHaveChanged && folders[false].Any() =>
                Told(facts, "-Configuration Restore", "-Configuration Keep", folders[false].Select(name => facts.Captured<FolderManifest>(FolderBackupStep.CaptureName(name))?.File)),
            _ => null,
        };
    }

    private static bool IsOther(WindowFacts facts, List<StepFacts> scripts, DatabaseRollback done, DatabaseRollback ordered) => (done, ordered) switch
    {
        (DatabaseRollback.Keep, DatabaseRollback.Down) => scripts.Exists(step => step.State is not (StepState.Undone or StepState.Failed)),
        (DatabaseRollback.Keep or DatabaseRollback.Down, DatabaseRollback.Restore) => scripts.Exists(step => step.State != StepState.Failed),
        (DatabaseRollback.Down, DatabaseRollback.Keep) => scripts.Exists(step => step.State == StepState.Undone),
        (DatabaseRollback.Restore, DatabaseRollback.Keep) => scripts.Exists(step => facts.Step(RestoreStep.KeyOf(MigrationStep.DatabaseOf(step.Key)!))?.State == StepState.Done),
        // The backup holds what was before the first script, as the undo scripts would leave it.
        _ => false,
    };

    private static DeployOpsException Told(WindowFacts facts, string ordered, string done, IEnumerable<string?> backups)
    {
        var commands = backups.OfType<string>().Select(file => NextCommand.Restore(file, facts.Opening.PlanPath)).ToList();
        var next = commands switch
        {
            [] => "What was taken back comes again by a release only. What was done:",
            [_] => "Nothing was done now. To bring the backup back by itself, which names what is lost by it:",
            [_, .. var more] => $"Nothing was done now. To bring the backups back by themselves, each of which names what is lost by it: {string.Join("; ", more)}; and:",
        };
        return new DeployOpsException("RolledBackOtherwise", FaultKind.InvalidOperation, $"{facts.Opening.Id} was rolled back already, by {done} and not by {ordered}.", next)
        {
            Command = commands.FirstOrDefault() ?? $"{NextCommand.Log(facts.Opening.Id)} -Phase Rollback",
        };
    }
}

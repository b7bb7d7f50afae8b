using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Plans;

namespace DeployOps.Windows;

/// <summary>What a window may not go on with, whatever the reason: another release, or a database or a folder of settings that its preparation has not backed up.</summary>
internal static class FileDeviationRule
{
    /// <summary>Refuses a plan that is not the window's own, changed.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="kept">The plan that is in force.</param>
    /// <param name="disk">The plan that would be from here on.</param>
    /// <exception cref="DeployOpsException"><c>PlanOfAnotherRelease</c>, <c>NotBackedUp</c>.</exception>
    internal static void Require(WindowFacts facts, DeploymentPlan kept, DeploymentPlan disk)
    {
        if ((disk.Service, disk.Environment, disk.Release) != (kept.Service, kept.Environment, kept.Release))
        {
            throw new DeployOpsException(
                "PlanOfAnotherRelease",
                FaultKind.Denied,
                $"{facts.Opening.Id} takes {Words(kept)}, but {disk.Path} now takes {Words(disk)}.",
                "Put the plan back; another release has a window of its own.");
        }

        var isPrepared = facts.Phase(DeploymentPhase.Preparation)?.Outcome == PhaseOutcome.Succeeded;
        // The preparation takes each backup once, under its name.
        var databases = disk.Databases.Where(database => !kept.Databases.Any(other => IsSame(other, database)) && (isPrepared || facts.Captured<BackupManifest>(BackupStep.CaptureName(database.Name)) is not null));
        var folders = disk.Configuration.Where(folder => !kept.Configuration.Contains(folder) && (isPrepared || facts.Captured<FolderManifest>(FolderBackupStep.CaptureName(folder.Name)) is not null));
        if (databases.Select(database => $"Database {database.Name}").Concat(folders.Select(folder => $"Configuration {folder.Name}")).FirstOrDefault() is { } unprepared)
        {
            throw new DeployOpsException(
                "NotBackedUp",
                FaultKind.Denied,
                $"{unprepared} is not one that was backed up when {facts.Opening.Id} was prepared, so nothing could bring it back.",
                "Put the plan back, and change that in a window of its own.");
        }
    }

    private static bool IsSame(DatabaseSpec one, DatabaseSpec other) => (one.Name, one.Kind, one.ConnectionString) == (other.Name, other.Kind, other.ConnectionString);

    private static string Words(DeploymentPlan plan) => $"{plan.Service} {plan.Release} to {plan.Environment}";
}

using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Plans;

namespace DeployOps.Windows;

/// <summary>What a window may not go on with, whatever the reason: another release, or a database that its preparation has not backed up.</summary>
internal static class FileDeviationRule
{
    /// <summary>Refuses a plan that is not the window's own, changed.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="kept">The plan that is in force.</param>
    /// <param name="disk">The plan that would be from here on.</param>
    /// <exception cref="DeployOpsException"><c>PlanOfAnotherRelease</c>, <c>DatabaseNotPrepared</c>.</exception>
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

        if (disk.Databases.FirstOrDefault(database => !IsPrepared(database)) is { } unprepared)
        {
            throw new DeployOpsException(
                "DatabaseNotPrepared",
                FaultKind.Denied,
                $"Database {unprepared.Name} is not one that was backed up when {facts.Opening.Id} was prepared, so nothing could bring it back.",
                "Put the plan back and migrate that database in a window of its own.");
        }

        bool IsPrepared(DatabaseSpec database) =>
            kept.Databases.Any(other => (other.Name, other.Kind, other.ConnectionString) == (database.Name, database.Kind, database.ConnectionString)) || WillBe(database);

        // The preparation takes each backup once, under the database's name.
        bool WillBe(DatabaseSpec database) =>
            facts.Phase(DeploymentPhase.Preparation)?.Outcome != PhaseOutcome.Succeeded && facts.Captured<BackupManifest>(BackupStep.CaptureName(database.Name)) is null;
    }

    private static string Words(DeploymentPlan plan) => $"{plan.Service} {plan.Release} to {plan.Environment}";
}

using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Plans.Approvals;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Rollbacks;

/// <summary>
/// As far as which undo scripts lead back, by what the rehearsal on the restored backup saw. The point counts where its script was reached. A rehearsal counts as long as the scripts, those
/// that undo among them, are those it was made with; without one nothing is known, and all scripts are taken back or none.
/// </summary>
internal static class PointOfNoReturn
{
    /// <summary>Whether the script of a step stays, since it, or one after it, was seen to be not reversible.</summary>
    internal static bool Keeps(WindowFacts facts, StepFacts step) =>
        Rehearsal(facts, step) is { PointOfNoReturn: { } point } rehearsal
        && facts.Step(MigrationStep.KeyOf(rehearsal.Database, point)) is { } reached && (reached.WasDone || reached.State is not (StepState.Failed or StepState.Undone))
        && MigrationVersion.TryParse(MigrationStep.VersionOf(step.Key))! <= MigrationVersion.TryParse(point)!
        && IsOf(facts, rehearsal, step);

    /// <summary>The steps that stay in effect, in order.</summary>
    internal static IReadOnlyList<StepFacts> Kept(WindowFacts facts) => [.. facts.Steps.Where(step => (step.WasDone || step.State is not (StepState.Undone or StepState.Failed)) && Keeps(facts, step))];

    /// <summary>Whether every script was rehearsed as it is, with its way back.</summary>
    internal static bool WasRehearsed(WindowFacts facts) => Scripts(facts).All(step => Rehearsal(facts, step) is { Untried: "" } rehearsal && IsOf(facts, rehearsal, step));

    /// <summary>The scripts of a database that was rehearsed, which are not those of the rehearsal: nobody knows whether undo scripts lead back from them.</summary>
    internal static IReadOnlyList<StepFacts> Others(WindowFacts facts) => [.. Scripts(facts).Where(step => Rehearsal(facts, step) is { } rehearsal && !IsOf(facts, rehearsal, step))];

    private static IEnumerable<StepFacts> Scripts(WindowFacts facts) => facts.Steps.Where(step => MigrationStep.DatabaseOf(step.Key) is not null);

    private static MigrationRehearsal? Rehearsal(WindowFacts facts, StepFacts step) =>
        step.Phase == DeploymentPhase.Migration && MigrationStep.DatabaseOf(step.Key) is { } database ? facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database)) : null;

    private static bool IsOf(WindowFacts facts, MigrationRehearsal rehearsal, StepFacts step)
    {
        var versions = rehearsal.Scripts.Select(script => script.Version).ToHashSet(StringComparer.Ordinal);
        return versions.Contains(MigrationStep.VersionOf(step.Key))
            && PlanDigest.Differences(Hashes(facts.FilesOfCapture(MigrationRehearsal.CaptureName(rehearsal.Database))!), Hashes(step.Files)).Count == 0;

        Dictionary<string, string> Hashes(IReadOnlyList<KeptFile> files) => files
            .Where(file => MigrationFolder.VersionOf(Path.GetFileName(file.Path)) is { } version && versions.Contains(version.ToString()))
            .ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
    }
}

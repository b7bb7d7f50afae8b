using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Plans.Approvals;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// As far as which undo scripts lead back, by what the rehearsal on the restored backup saw. The point counts where its script was reached. A rehearsal counts as long as the files are those it was made with; without one
/// nothing is known, and all scripts are taken back or none.
/// </summary>
internal static class PointOfNoReturn
{
    /// <summary>Whether the script of a step stays, since it, or one after it, was seen to be not reversible.</summary>
    internal static bool Keeps(WindowFacts facts, StepFacts step)
    {
        if (step.Phase != DeploymentPhase.Migration || MigrationStep.DatabaseOf(step.Key) is not { } database)
        {
            return false;
        }

        var name = MigrationRehearsal.CaptureName(database);
        return facts.Captured<MigrationRehearsal>(name) is { PointOfNoReturn: { } point } rehearsal
            && facts.Step(MigrationStep.KeyOf(database, point)) is { } reached && (reached.WasDone || reached.State is not (StepState.Failed or StepState.Undone))
            && rehearsal.Scripts.Any(script => script.Version == MigrationStep.VersionOf(step.Key))
            && MigrationVersion.TryParse(MigrationStep.VersionOf(step.Key))! <= MigrationVersion.TryParse(point)!
            && PlanDigest.Differences(Hashes(facts.FilesOfCapture(name)!), Hashes(step.Files)).Count == 0;
    }

    /// <summary>The steps that stay in effect, in order.</summary>
    internal static IReadOnlyList<StepFacts> Kept(WindowFacts facts) => [.. facts.Steps.Where(step => (step.WasDone || step.State is not (StepState.Undone or StepState.Failed)) && Keeps(facts, step))];

    private static Dictionary<string, string> Hashes(IReadOnlyList<Windows.Homes.KeptFile> files) => files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
}

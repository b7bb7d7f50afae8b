using DeployOps.Migrations;
using DeployOps.Rollbacks;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>What each database was migrated to, or restored from.</summary>
internal static class DatabaseWords
{
    internal static IReadOnlyList<string> Of(WindowFacts facts)
    {
        var planned = facts.CapturedNames(MigrationFactory.CaptureName(""));
        var begun = facts.Steps.Select(step => MigrationStep.DatabaseOf(step.Key)).OfType<string>();
        var names = planned.Concat(begun).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

        return names.Count == 0 ? ["no database was migrated"] : names.ConvertAll(name => $"database {name} {State(facts, name)}");
    }

    private static string State(WindowFacts facts, string database)
    {
        switch (facts.Step(RestoreStep.KeyOf(database)))
        {
            case { State: StepState.Done }:
                return "restored from its backup";
            case { LeftAsBefore: true } restore:
                return $"{Migrated(facts, database)}, which '{restore.Change}' failed to replace and left as it was";
            case { } restore when !StepWords.IsCertain(restore):
                return $"holds what is unknown: {StepWords.Of(restore)}";
            default:
                return Migrated(facts, database);
        }
    }

    private static string Migrated(WindowFacts facts, string database)
    {
        var steps = facts.Steps.Where(step => MigrationStep.DatabaseOf(step.Key) == database).ToList();
        var from = facts.Captured<MigrationList>(MigrationFactory.CaptureName(database))?.From;
        var before = $" ({from ?? "no version"})";
        // Each script, and each undo script, is one transaction: what failed left everything as it was before.
        var failed = string.Concat(steps.Where(step => step.State == StepState.Failed).Select(step => $", '{step.Change}' failed and left nothing"));
        var stuck = string.Concat(steps.Where(IsStuck).Select(step => $", {StepWords.Of(step)}"));
        var doubts = string.Join(", ", steps.Where(step => !StepWords.IsCertain(step) && step.State != StepState.Failed && !IsStuck(step)).Select(StepWords.Of));
        // What is repeatable has no version, and is not taken back.
        var again = string.Concat(steps.Where(step => IsRepeatable(step) && step.State is (StepState.Done or StepState.Undone)).Select(step => $", {MigrationStep.VersionOf(step.Key)} {(step.State == StepState.Done ? "run" : "left as it was run")}"));
        return Reached() + again + failed + stuck;

        string Reached() => (steps.LastOrDefault(step => !IsRepeatable(step) && (step.State == StepState.Done || IsStuck(step))), doubts.Length > 0, steps.Exists(step => step.State == StepState.Undone)) switch
        {
            ({ } last, true, _) => $"migrated to {MigrationStep.VersionOf(last.Key)} or further: {doubts}",
            ({ } last, false, _) => $"migrated to {MigrationStep.VersionOf(last.Key)}",
            (null, true, _) => $"at an unknown version: {doubts}",
            (null, false, true) => $"back at what it was{before}",
            _ => $"not migrated{before}",
        };
    }

    private static bool IsRepeatable(StepFacts step) => MigrationVersion.TryParse(MigrationStep.VersionOf(step.Key)) is { IsRepeatable: true };

    private static bool IsStuck(StepFacts step) => step is { State: StepState.UndoFailed, WasDone: true };
}

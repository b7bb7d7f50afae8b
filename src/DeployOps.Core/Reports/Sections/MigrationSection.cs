using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>The databases, their scripts and what the validations found.</summary>
internal static class MigrationSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "migration",
        "Database migration",
        Databases(story),
        StepsTable.Render(story, "Scripts", story.Steps.Where(step => step is { Phase: DeploymentPhase.Migration, IsUndo: false })),
        Rehearsed(story),
        Otherwise(story.Migration?.Databases ?? []),
        Untried(story),
        Watched(story.Migration?.Databases ?? []),
        Changes(story.Migration?.Databases ?? []),
        Validations(story.Migration?.Databases ?? []));

    private static Tag? Databases(ReportStory story)
    {
        var table = new ReportTable("Databases", "Database", "Before", "After", "Scripts", "Validations");
        foreach (var database in story.Migration?.Databases ?? [])
        {
            table.Row(
                database.Database,
                database.From ?? "no version",
                story.Migration!.Outcome == PhaseOutcome.Succeeded ? database.To ?? "no version" : $"{database.To ?? "no version"} was planned",
                database.Scripts.Count == 0 ? "none were pending" : string.Join(", ", database.Scripts),
                database.Validations.Count == 0 ? "none ran" : ReportText.Count(database.Validations.Count, "query", "queries"));
        }

        return table.ToTag();
    }

    private static Tag? Rehearsed(ReportStory story)
    {
        var table = new ReportTable("Rehearsed on the restored backup, and done in production", "Script", "Rehearsed", "Done", "Locks", "Written anew", "Logged ahead", "Way back");
        foreach (var script in story.Rehearsals.SelectMany(rehearsal => rehearsal.Scripts, (rehearsal, script) => (rehearsal.Database, Script: script)))
        {
            var done = story.Steps.LastOrDefault(step => !step.IsUndo && step.Key == MigrationStep.KeyOf(script.Database, script.Script.Version));
            table.Row(
                new Tag("code", script.Script.Script),
                ReportText.Span(script.Script.Duration),
                done?.EndedAt is { } ended ? ReportText.Span(ended - done.BeganAt) : "not done",
                Listed(script.Script.Statements.SelectMany(statement => statement.Locks)) ?? Listed([RehearsalText.Unknown(script.Script)]),
                Listed(script.Script.Statements.SelectMany(statement => statement.Rewritten)),
                script.Script.Statements.Any(statement => statement.WalBytes is not null) ? ReportText.Size(script.Script.Statements.Sum(statement => statement.WalBytes ?? 0)) : null,
                script.Script.IsRepeatable ? "run again when its text changes"
                    : script.Script.IsReversible ? Badge.Of(script.Script.IsContentAlone ? "Taken back as far as compared" : "Taken back exactly", script.Script.IsContentAlone ? Tone.Warn : Tone.Good)
                    : ReportText.Clip(script.Script.NotReversible));
        }

        return table.ToTag();
    }

    private static Tag? Otherwise(IReadOnlyList<DatabaseMigration> databases)
    {
        var table = new ReportTable("Otherwise in production than when it was rehearsed", "Script", "What");
        foreach (var (script, difference) in databases.SelectMany(database => database.Evidence).SelectMany(seen => seen.Differences.Select(difference => (seen.Script, difference))))
        {
            table.Row(new Tag("code", script), ReportText.Clip(difference));
        }

        return table.ToTag();
    }

    private static Tag? Untried(ReportStory story)
    {
        var table = new ReportTable("Not rehearsed", "Database", "Why");
        foreach (var rehearsal in story.Rehearsals.Where(rehearsal => rehearsal.Untried.Length > 0))
        {
            table.Row(rehearsal.Database, ReportText.Clip(rehearsal.Untried));
        }

        return table.ToTag();
    }

    private static string? Listed(IEnumerable<string> names) => names.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } some ? ReportText.Clip(string.Join(", ", some)) : null;

    private static Tag? Watched(IReadOnlyList<DatabaseMigration> databases)
    {
        var table = new ReportTable("Seen while the scripts ran", "Script", "Looks", "Waited for it", "Replicas behind", "Held", "Fired", "Not known");
        foreach (var seen in databases.SelectMany(database => database.Evidence))
        {
            table.Row(
                new Tag("code", seen.Script),
                seen.Missed == 0 ? $"{seen.Samples}" : $"{seen.Samples}, {seen.Missed} missed",
                seen.PeakBlocked == 0 ? "nobody" : $"{ReportText.Count(seen.PeakBlocked, "session")}, {ReportText.Span(seen.PeakBlockedFor)}",
                $"{ReportText.Size(seen.PeakLagBytes)}, {ReportText.Span(seen.PeakLag)}",
                seen.Holds == 0 ? "no gate" : ReportText.Span(seen.Held),
                seen.Fired.Count == 0 ? "nothing" : ReportText.Clip(string.Join("; ", seen.Fired)) + (seen.FiredMore == 0 ? "" : $"; {seen.FiredMore} more"),
                seen.Unknown.Count == 0 ? null : ReportText.Clip(string.Join("; ", seen.Unknown)));
        }

        return table.ToTag();
    }

    private static Tag? Changes(IReadOnlyList<DatabaseMigration> databases)
    {
        var table = new ReportTable("What the migration changed", "Database", "Made or taken away");
        foreach (var (database, change) in databases.SelectMany(database => database.SchemaChanges.Select(change => (database.Database, change))))
        {
            table.Row(database, new Tag("code", change));
        }

        return table.ToTag();
    }

    private static Tag? Validations(IReadOnlyList<DatabaseMigration> databases)
    {
        var table = new ReportTable("Validations after the migration", "Validation", "Expected", "Actual", "Answer", "Took", "File", "First rows");
        foreach (var check in databases.SelectMany(database => database.Validations))
        {
            table.Row(
                check.Name,
                check.Expected.Length == 0 ? "nothing said" : ReportText.Clip(check.Expected),
                ReportText.Clip(check.Actual),
                Badge.Of(check.Verdict),
                ReportText.Span(check.Duration),
                new Tag("code", check.File),
                check.SampleRows.Count == 0 ? null : ReportText.Clip(string.Join("; ", check.SampleRows)));
        }

        return table.ToTag();
    }
}

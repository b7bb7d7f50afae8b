using DeployOps.Migrations;
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

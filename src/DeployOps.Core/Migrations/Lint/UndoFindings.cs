using System.Globalization;

namespace DeployOps.Migrations.Lint;

/// <summary>Scripts that cannot be taken back by an undo script, as findings of RLB001. Each allows it for itself at its top.</summary>
internal static class UndoFindings
{
    /// <summary>The id of the rule.</summary>
    internal const string Rule = "RLB001";

    /// <summary>Each script that has none, where others of the folder have one.</summary>
    /// <param name="looked">The scripts that are looked at.</param>
    /// <param name="folder">All scripts of their folder.</param>
    internal static IEnumerable<LintFinding> Missing(IEnumerable<MigrationScript> looked, IReadOnlyList<MigrationScript> folder)
    {
        var undone = folder.Where(script => script.IsUndo).Select(script => script.Version).ToHashSet();
        return undone.Count == 0 ? [] : Forward(looked).Where(script => !undone.Contains(script.Version)).Select(script => Finding(
            script, "undo-missing", "Others can be taken back by their undo script, and this one ends that way.", $"Write {NameFor(script)}, or say in the plan that the database is kept."));
    }

    /// <summary>One for all of them, at the last one that does not allow it, where none of the folder has an undo script.</summary>
    /// <param name="looked">The scripts that are looked at.</param>
    /// <param name="folder">All scripts of their folder.</param>
    internal static IEnumerable<LintFinding> NoneAtAll(IEnumerable<MigrationScript> looked, IReadOnlyList<MigrationScript> folder)
    {
        var forward = Forward(looked).ToList();
        if (forward.Count == 0 || folder.Any(script => script.IsUndo))
        {
            return [];
        }

        var last = forward.FindLast(script => script.ReasonFor(Rule) is null) ?? forward[^1];
        return
        [
            Finding(
                last,
                "no-undo-scripts",
                $"{(forward.Count == 1 ? "It cannot" : string.Create(CultureInfo.InvariantCulture, $"None of {forward.Count} scripts can"))} be taken back by an undo script: going back keeps what was made, or restores the backup and loses what was written since.",
                $"Write {NameFor(last)}, and one for each before it that is to be taken back; or say in the plan that the database is kept or restored."),
        ];
    }

    private static IEnumerable<MigrationScript> Forward(IEnumerable<MigrationScript> scripts) => scripts.Where(script => script is { IsUndo: false, IsRepeatable: false });

    private static string NameFor(MigrationScript script) => $"U{script.Version.ToString().Replace('.', '_')}__….sql";

    private static LintFinding Finding(MigrationScript script, string name, string why, string advice) => new()
    {
        Rule = Rule,
        Name = name,
        Severity = LintSeverity.Warning,
        File = script.FileName,
        Line = 1,
        Why = why,
        Advice = advice,
        Allowed = script.ReasonFor(Rule) is not null,
        Reason = script.ReasonFor(Rule),
    };
}

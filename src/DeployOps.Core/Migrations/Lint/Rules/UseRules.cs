using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// What still uses what is taken away, as the database says: nothing is found where none is asked. Known to Atlas (BC101, BC102) by the scripts alone. What an earlier statement of
/// the run has dropped or made anew is not told; where one before it may have, as a block or a CASCADE, it is told as a warning.
/// </summary>
internal static class UseRules
{
    private static readonly SqlDialect[] Servers = [SqlDialect.PostgreSql, SqlDialect.MariaDb];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("INC001", "still-used", LintSeverity.Error,
            "It fails as long as these use it:",
            "Change or drop them before it, by name, in the same script.",
            statement => LostObjects.Cascades(statement) ? [] : Lost(statement)) { Dialects = Servers, BySize = false, OfUndo = false, Uses = UseManner.Refuses },
        new("INC001", "cascade-takes-with-it", LintSeverity.Warning,
            "CASCADE drops these too:",
            "Drop by name what is meant to go, and leave CASCADE out: it fails then where something else has come to use it.",
            statement => LostObjects.Cascades(statement) ? Lost(statement) : []) { BySize = false, OfUndo = false, Uses = UseManner.Refuses },
        new("INC001", "broken-by-it", LintSeverity.Warning,
            "These name it, and fail from then on when they are used:",
            "Change them in the same script, before it.",
            Lost) { Dialects = Servers, BySize = false, OfUndo = false, Uses = UseManner.Breaks },
        new("INC001", "goes-with-it", LintSeverity.Warning,
            "These are dropped with it, without a word:",
            "See who needs them for the other columns, and make them anew without it where somebody does.",
            Lost) { Dialects = Servers, BySize = false, OfUndo = false, Uses = UseManner.Goes },
    ];

    // What several names of one DROP use of each other goes with all of them.
    private static IEnumerable<LintHit> Lost(LintStatement statement)
    {
        var lost = LostObjects.Read(statement).ToList();
        var isGone = statement.Run.GoneBefore();
        foreach (var one in lost.Where(one => one.Part is null || !statement.Run.IsNewColumn(one.Name, one.Part)))
        {
            yield return new LintHit(one.Kind is LostKind.Relation or LostKind.Column or LostKind.Constraint ? one.Name : null)
            {
                Lost = one,
                IsGone = use => isGone(use) || (statement.Alter is null && lost.Exists(other => use.IsOf(other.Name, null))),
                MayBeGone = statement.Run.MayHaveDropped,
            };
        }
    }
}

using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A rule: what it looks for in a statement, why, and what to write instead.</summary>
/// <param name="Id">The id of its group, by which a script allows it: three letters and a number.</param>
/// <param name="Name">Its own name within the group.</param>
/// <param name="Severity">Its weight where nothing is known of the table.</param>
/// <param name="Why">What would happen, a sentence.</param>
/// <param name="Advice">The safe way to write it, a sentence.</param>
/// <param name="Finds">The places of a statement in the context of its script that it speaks against.</param>
internal sealed record LintRule(string Id, string Name, LintSeverity Severity, string Why, string Advice, Func<LintStatement, IEnumerable<LintHit>> Finds)
{
    /// <summary>Where it applies. Default PostgreSQL.</summary>
    internal IReadOnlyList<SqlDialect> Dialects { get; init; } = [SqlDialect.PostgreSql];

    /// <summary>Whether the size of the table matters: it weighs less on a small one, and a warning weighs more on a large one. Default true.</summary>
    internal bool BySize { get; init; } = true;

    /// <summary>Whether it speaks of tables only that the database says are large. Default false.</summary>
    internal bool OnlyLarge { get; init; }

    /// <summary>Whether tables that the same run created are spared: nobody uses them yet. Default true.</summary>
    internal bool SparesNew { get; init; } = true;

    /// <summary>What becomes of what uses the object that a statement takes away, of which it speaks; null, the default, where it speaks of something else.</summary>
    internal UseManner? Uses { get; init; }

    /// <summary>Whether it speaks of the statements within compounds and within bodies of routines, which run later; all others speak of compounds that run at once. Default false.</summary>
    internal bool OfBodies { get; init; }

    /// <summary>Whether it speaks of undo scripts too, which take away what was made. Default true.</summary>
    internal bool OfUndo { get; init; } = true;
}

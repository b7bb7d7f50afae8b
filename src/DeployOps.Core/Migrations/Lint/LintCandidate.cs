using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A finding before it is known how much its table weighs.</summary>
/// <param name="Statement">The statement; null where it is about the whole script.</param>
/// <param name="Finding">The finding with the rule's weight.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Hit">Where it applies.</param>
internal sealed record LintCandidate(SqlStatement? Statement, LintFinding Finding, LintRule Rule, LintHit Hit)
{
    /// <summary>What the database is asked about; null where its answer changes nothing.</summary>
    internal SqlName? Subject => Rule.BySize || Rule.OnlyLarge ? Hit.Subject ?? Hit.Table : null;

    /// <summary>The finding with its weight; null where the rule speaks of large tables only, and this one is not known to be.</summary>
    internal LintFinding? Weigh(IReadOnlyDictionary<string, TableFacts> facts)
    {
        var known = Subject is { } subject ? facts.GetValueOrDefault(subject.Written) : null;
        if (Rule.OnlyLarge && known is not { IsLarge: true })
        {
            return null;
        }

        var severity = (Finding.Severity, Rule.BySize ? known : null) switch
        {
            (LintSeverity.Error, { IsSmall: true }) => LintSeverity.Warning,
            (LintSeverity.Warning, { IsLarge: true }) => LintSeverity.Error,
            var (same, _) => same,
        };
        return Finding with { Severity = severity, Facts = known };
    }
}

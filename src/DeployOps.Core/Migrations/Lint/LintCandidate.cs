using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A finding before it is known how much its table weighs.</summary>
/// <param name="Statement">The statement; null where it is about the whole script.</param>
/// <param name="Finding">The finding with the rule's weight.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Hit">Where it applies.</param>
internal sealed record LintCandidate(SqlStatement? Statement, LintFinding Finding, LintRule Rule, LintHit Hit)
{
    private const int MostNamed = 5;

    /// <summary>What the database is asked about; null where its answer changes nothing.</summary>
    internal IEnumerable<SqlName> Subjects => new[] { Subject, Hit.Namesake, Hit.Namesake is null ? null : Hit.Table }.OfType<SqlName>();

    private SqlName? Subject => Rule.BySize || Rule.OnlyLarge ? Hit.Subject ?? Hit.Table : null;

    /// <summary>
    /// The finding with its weight; null where the rule speaks of large tables only, and this one is not known to be, where nothing is known to use what is taken away, or where an index
    /// is there, or it is not known whether one is; and where the table is one that the run made.
    /// </summary>
    internal LintFinding? Weigh(LintAnswers answers)
    {
        if (Hit is { Namesake: { } namesake, Table: { } table } && answers.HaveNeither(table, namesake))
        {
            return null;
        }

        var known = Subject is { } subject ? answers.Tables.GetValueOrDefault(subject.Written) : null;
        if ((Rule.OnlyLarge && known is not { IsLarge: true }) || (Hit.Unindexed is { } column && !IsUnindexed(column, answers)))
        {
            return null;
        }

        if (Rule.Uses is not null)
        {
            return Used(answers);
        }

        var severity = (Finding.Severity, Rule.BySize ? known : null) switch
        {
            (LintSeverity.Error, { IsSmall: true }) => LintSeverity.Warning,
            (LintSeverity.Warning, { IsLarge: true }) => LintSeverity.Error,
            var (same, _) => same,
        };
        return Finding with { Severity = severity, Facts = known };
    }

    private bool IsUnindexed(string column, LintAnswers answers) =>
        Hit.Table is { } table && answers.Indexed.TryGetValue(table.Written, out var indexed) && !indexed.Contains(column);

    private LintFinding? Used(LintAnswers answers)
    {
        var uses = Hit.Lost is { } lost && answers.Uses.TryGetValue(lost, out var all) ? all.Where(use => use.Manner == Rule.Uses && !Hit.IsGone(use)).ToList() : [];
        if (uses.Count == 0)
        {
            return null;
        }

        var more = uses.Count > MostNamed ? $" and {uses.Count - MostNamed} more" : "";
        return Finding with
        {
            Severity = Hit.MayBeGone ? LintSeverity.Warning : Finding.Severity,
            Why = $"{Finding.Why} {string.Join(", ", uses.Take(MostNamed))}{more}.",
        };
    }
}

using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Gathers what is found, and at last what the scripts allow of it.</summary>
internal sealed class LintReport
{
    private static readonly string[] Known = ["allow", "destructive", "transaction", "repeat-until-zero"];

    // They speak of a script as a whole, beside what is found in its statements, and by what else is there: what they say comes and goes without a change of the script.
    private static readonly string[] OfScripts = [UndoFindings.Rule, MigrationRefusal.SequenceRule];

    private readonly HashSet<(string File, int Line)> headers = [];
    private readonly List<(SqlStatement? Statement, LintFinding Finding)> found = [];
    private readonly List<LintCandidate> candidates = [];
    private readonly List<(string File, SqlStatement? Statement, SqlDirective Directive)> directives = [];

    internal void Add(SqlStatement? statement, LintFinding finding) => found.Add((statement, finding));

    internal void Add(LintCandidate candidate) => candidates.Add(candidate);

    internal void Add(string file, SqlStatement? statement, IEnumerable<SqlDirective> several) => directives.AddRange(several.Select(directive => (file, statement, directive)));

    /// <summary>Which of a script's directives stand at its top.</summary>
    internal void AddHeader(string file, IEnumerable<SqlDirective> several) => headers.UnionWith(several.Select(directive => (file, directive.Line)));

    /// <summary>What the database is to be asked about: each table or index once.</summary>
    internal IReadOnlyCollection<SqlName> Subjects() => [.. candidates.SelectMany(candidate => candidate.Subjects).DistinctBy(name => name.Written)];

    /// <summary>What is taken away, each once, of which the database is asked what uses it.</summary>
    internal IReadOnlyCollection<LostObject> Lost() => [.. candidates.Select(candidate => candidate.Hit.Lost).OfType<LostObject>().Distinct()];

    /// <summary>The tables of which the database is asked for their indexes, each once.</summary>
    internal IReadOnlyCollection<SqlName> Unindexed() => [.. candidates.Where(candidate => candidate.Hit.Unindexed is not null).Select(candidate => candidate.Hit.Table).OfType<SqlName>().DistinctBy(name => name.Written)];

    /// <summary>The findings by file and line, files in the order in which they were seen.</summary>
    internal IReadOnlyList<LintFinding> Close(IReadOnlyList<string> files, LintAnswers answers)
    {
        found.AddRange(candidates.Select(candidate => (candidate.Statement, Finding: candidate.Weigh(answers))).Where(one => one.Finding is not null).Select(one => (one.Statement, one.Finding!)));
        foreach (var (file, statement, directive) in directives)
        {
            Apply(file, statement, directive);
        }

        return [.. found.Select(one => one.Finding).OrderBy(finding => files.ToList().IndexOf(finding.File)).ThenBy(finding => finding.Line)];
    }

    private void Apply(string file, SqlStatement? statement, SqlDirective directive)
    {
        if (!Known.Contains(directive.Name))
        {
            found.Add((null, Header(file, directive, "unknown-header", LintSeverity.Warning, $"'{directive.Name}' is no header, so that it does nothing.", $"Write one of: {string.Join(", ", Known)}.")));
        }
        else if (directive.Name is "allow" or "destructive")
        {
            Allow(file, statement, directive, directive.Name == "allow" ? directive.Value : "DST001");
        }
    }

    private void Allow(string file, SqlStatement? statement, SqlDirective directive, string rule)
    {
        if (directive.Reason is not { } reason)
        {
            found.Add((null, Header(file, directive, "allow-without-reason", LintSeverity.Error, "Nobody can tell later why it was allowed, so that it is not.", "Write reason=\"…\" behind it.")));
            return;
        }

        var isOfScript = OfScripts.Contains(rule, StringComparer.OrdinalIgnoreCase);
        if (isOfScript && headers.Contains((file, directive.Line)))
        {
            return;
        }

        var matches = 0;
        for (var i = 0; i < found.Count; i++)
        {
            if (statement is not null && ReferenceEquals(found[i].Statement, statement) && found[i].Finding.Rule.Equals(rule, StringComparison.OrdinalIgnoreCase))
            {
                found[i] = (statement, found[i].Finding with { Allowed = true, Reason = reason });
                matches++;
            }
        }

        if (matches == 0)
        {
            found.Add((null, Header(file, directive, "allow-matches-nothing", LintSeverity.Warning, $"The statement behind it has no finding of {(rule.Length == 0 ? "a rule without a name" : rule)}.", isOfScript ? "Put it among the comments at the top of the script: it speaks of the script as a whole." : "Remove it, or put it directly before the statement it is meant for.")));
        }
    }

    private static LintFinding Header(string file, SqlDirective directive, string name, LintSeverity severity, string why, string advice) => new()
    {
        Rule = "HDR001",
        Name = name,
        Severity = severity,
        File = file,
        Line = directive.Line,
        Statement = $"-- deployops: {directive.Text}",
        Why = why,
        Advice = advice,
    };
}

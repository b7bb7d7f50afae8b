using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint;

/// <summary>
/// Looks at migration scripts before they run, by the rules of their dialect. Nothing runs and no database is asked but a catalog that is given.
/// A comment <c>-- deployops: allow LCK002 reason="…"</c> directly before a statement allows a rule for it, and <c>-- deployops: destructive reason="…"</c> allows DST001. At the top of a script it allows RLB001 and SEQ001 too, which speak of all of it.
/// </summary>
/// <param name="dialect">Whose rules.</param>
public sealed class MigrationLinter(SqlDialect dialect)
{
    private readonly IReadOnlyList<LintRule> rules = LintCatalogue.Of(dialect);

    /// <summary>Looks at scripts that are applied one after another: what one of them makes, the next ones may change without harm.</summary>
    /// <returns>The findings in the order of the scripts and of their lines, allowed ones among them.</returns>
    public IReadOnlyList<LintFinding> Check(IReadOnlyList<MigrationScript> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Look(run, ansiQuotes: false).Close(Names(run), LintAnswers.None);
    }

    /// <summary>The same with what the database knows of its tables: findings weigh less on small ones and more on large ones.</summary>
    /// <exception cref="DeployOpsException">The database cannot be asked.</exception>
    public async Task<IReadOnlyList<LintFinding>> CheckAsync(IReadOnlyList<MigrationScript> run, ITableCatalog catalog, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(catalog);
        var report = Look(run, await catalog.HasAnsiQuotesAsync(cancellationToken));
        return report.Close(Names(run), await AskAsync(report, catalog, cancellationToken));
    }

    private static async Task<LintAnswers> AskAsync(LintReport report, ITableCatalog catalog, CancellationToken cancellationToken)
    {
        var (subjects, lost, unindexed) = (report.Subjects(), report.Lost(), report.Unindexed());
        return new LintAnswers(
            subjects.Count == 0 ? LintAnswers.None.Tables : await catalog.FindAsync(subjects, cancellationToken),
            lost.Count == 0 ? LintAnswers.None.Uses : await catalog.FindUsesAsync(lost, cancellationToken),
            unindexed.Count == 0 ? LintAnswers.None.Indexed : await catalog.FindIndexedAsync(unindexed, cancellationToken));
    }

    private LintReport Look(IReadOnlyList<MigrationScript> run, bool ansiQuotes)
    {
        var report = new LintReport();
        var made = new LintRun();
        foreach (var script in run)
        {
            Check(script, ansiQuotes, made, report);
        }

        CheckForeignKeys(made, report);
        return report;
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<MigrationScript> run) => [.. run.Select(script => script.FileName)];

    /// <summary>
    /// Looks at the scripts of a folder, each as if it ran alone, since nobody knows here which of them are applied. Those that have no undo script are told where others have one, and
    /// where none has one.
    /// </summary>
    /// <param name="scripts">All of the folder, by version.</param>
    /// <param name="undoIsCounted">Whether going back counts on undo scripts; where it does not, a folder without any says nothing.</param>
    public IReadOnlyList<LintFinding> CheckFolder(IReadOnlyList<MigrationScript> scripts, bool undoIsCounted = true)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        return [.. scripts.SelectMany(script => Check([script]).Concat(UndoFindings.Missing([script], scripts))), .. undoIsCounted ? UndoFindings.NoneAtAll(scripts, scripts) : []];
    }

    private void Check(MigrationScript script, bool ansiQuotes, LintRun made, LintReport report)
    {
        try
        {
            var context = new LintScript(script.FileName, dialect, script.IsUndo, Transaction(script, report), made);
            made.Begin(script.FileName);
            report.AddHeader(script.FileName, script.Header());
            using var reader = script.Open();
            var splitter = new SqlSplitter(reader, dialect, ansiQuotes: ansiQuotes);
            foreach (var statement in splitter.Read().Where(statement => !context.SeesMoreRows(statement)))
            {
                Check(new LintStatement(statement, context), report);
            }

            report.Add(script.FileName, null, splitter.Trailing);
            foreach (var (rule, statement, hit) in EnvironmentEnd(context))
            {
                report.Add(Candidate(rule, hit, context, statement));
            }
        }
        catch (SqlScriptException e)
        {
            report.Add(null, Unreadable(script.FileName, e));
        }
    }

    private void Check(LintStatement statement, LintReport report)
    {
        foreach (var rule in rules.Where(rule => rule.OfUndo || !statement.Script.IsUndo))
        {
            foreach (var hit in rule.Finds(statement).Where(hit => !rule.SparesNew || !statement.Run.IsNew(hit.Table)))
            {
                report.Add(Candidate(rule, hit, statement.Script, statement));
            }
        }

        report.Add(statement.Script.File, statement.Statement, statement.Statement.Directives);
        statement.Script.See(statement);
        CheckBody(statement, report);
    }

    // What is allowed is allowed before the whole. BEGIN and END are no transaction there.
    private void CheckBody(LintStatement outer, LintReport report)
    {
        var runsNow = CompoundBody.RunsNow(outer.Statement);
        CheckBody(outer, CompoundBody.Read(outer.Statement), runsNow, runsNow ? outer.Run.See : _ => { }, report);
        CheckBody(outer, DoBlock.Read(outer.Statement), runsNow: true, outer.Script.SeeWithin, report);
    }

    // What is made in a branch is new to what follows in that branch alone.
    private void CheckBody(LintStatement outer, IEnumerable<InnerStatement> body, bool runsNow, Action<LintStatement> see, LintReport report)
    {
        var entered = new Stack<(int Branch, LintRunMark Mark)>();
        foreach (var (statement, branches) in body)
        {
            Leave(entered, branches, outer.Run);
            foreach (var branch in branches.Skip(entered.Count))
            {
                entered.Push((branch, outer.Run.Mark()));
            }

            var inner = new LintStatement(statement, outer.Script) { Outer = outer, MayNotRun = branches.Count > 0 };
            CheckInner(inner, outer, runsNow, report);
            see(inner);
        }

        Leave(entered, [], outer.Run);
    }

    private static void Leave(Stack<(int Branch, LintRunMark Mark)> entered, IReadOnlyList<int> branches, LintRun run)
    {
        while (entered.Count > branches.Count || (entered.TryPeek(out var innermost) && innermost.Branch != branches[entered.Count - 1]))
        {
            run.Forget(entered.Pop().Mark);
        }
    }

    private void CheckInner(LintStatement inner, LintStatement outer, bool runsNow, LintReport report)
    {
        foreach (var rule in rules.Where(rule => (rule.OfBodies || (runsNow && rule.Id != "TX001")) && (rule.OfUndo || !outer.Script.IsUndo)))
        {
            foreach (var hit in rule.Finds(inner).Where(hit => !rule.SparesNew || !outer.Run.IsNew(hit.Table)))
            {
                report.Add(Candidate(rule, hit, outer.Script, inner) with { Statement = outer.Statement });
            }
        }
    }

    private IEnumerable<(LintRule Rule, LintStatement? Statement, LintHit Hit)> EnvironmentEnd(LintScript script) =>
        dialect == SqlDialect.Sqlite ? [] : Rules.EnvironmentRules.AtEnd(script);

    // What a script is decides which rules apply; where it is refused for that, the rules look at it all the same.
    private MigrationTransaction? Transaction(MigrationScript script, LintReport report)
    {
        if (dialect == SqlDialect.Sqlite)
        {
            return MigrationTransaction.Tx;
        }

        try
        {
            return script.Class(dialect).Transaction;
        }
        catch (DeployOpsException e) when (e.ErrorId is "MigrationTransactionMixed" or "MigrationHeaderInvalid")
        {
            report.Add(null, Mixed(script, e));
            return null;
        }
    }

    private LintFinding Mixed(MigrationScript script, DeployOpsException refusal)
    {
        var alone = Alone(script);
        var isConcurrent = alone?.Tokens.Any(token => token.Is("CONCURRENTLY")) == true;
        return new LintFinding
        {
            Rule = isConcurrent ? "LCK003" : "TX001",
            Name = isConcurrent ? "concurrent-among-others" : "unclear-transaction",
            Severity = LintSeverity.Error,
            File = script.FileName,
            Line = alone?.Line ?? 1,
            Why = refusal.Fact,
            Advice = refusal.NextStep!,
        };
    }

    // The statement that runs outside of a transaction where others need one.
    private SqlStatement? Alone(MigrationScript script)
    {
        var finder = new TransactionFinder(script.FileName);
        try
        {
            foreach (var statement in script.Statements(dialect))
            {
                finder.See(statement);
            }
        }
        catch (DeployOpsException e) when (e is not SqlScriptException)
        {
            // The refusal that is being told: what was seen before it counts.
        }

        return finder.Mixed?.Alone;
    }

    private static void CheckForeignKeys(LintRun made, LintReport report)
    {
        foreach (var (statement, table, column, isNew) in made.ForeignKeys.Where(key => key.Statement.Statement.Dialect == SqlDialect.PostgreSql && !made.IsIndexed(key.Table, key.Column)))
        {
            var rule = new LintRule(
                "IDX001", "foreign-key-without-index", LintSeverity.Warning,
                $"Every delete in the table that {column} points at scans {table}.",
                $"Make an index whose first column is {column}.",
                _ => [])
            { BySize = !isNew };
            report.Add(Candidate(rule, new LintHit(table) { Unindexed = isNew ? null : column }, statement.Script, statement));
        }
    }

    private static LintCandidate Candidate(LintRule rule, LintHit hit, LintScript script, LintStatement? statement) => new(statement?.Statement, Finding(rule, hit, script, statement), rule, rule.SparesNew ? hit with { Namesake = script.Run.Namesake(hit.Table) } : hit);

    private static LintFinding Finding(LintRule rule, LintHit hit, LintScript script, LintStatement? statement) => new()
    {
        Rule = rule.Id,
        Name = rule.Name,
        Severity = rule.Severity,
        File = script.File,
        Line = hit.Line ?? statement?.Statement.Line ?? 1,
        Statement = statement?.OneLine ?? "",
        Table = hit.Table?.ToString(),
        Why = rule.Why,
        Advice = rule.Advice,
        Probe = hit.Probe,
        WrittenBefore = hit.Probe is null ? null : script.Run.WriterOf(hit.Table, hit.Other),
    };

    private static LintFinding Unreadable(string file, SqlScriptException error) => new()
    {
        Rule = error.ErrorId == "SqlMetaCommand" ? "ENV001" : "SQL001",
        Name = error.ErrorId == "SqlMetaCommand" ? "meta-command" : "unreadable-script",
        Severity = LintSeverity.Error,
        File = file,
        Line = error.Line,
        Why = error.Fact,
        Advice = error.NextStep!,
    };
}

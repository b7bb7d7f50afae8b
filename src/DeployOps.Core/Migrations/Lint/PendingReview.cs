using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.Lint;

/// <summary>
/// Looks at the scripts that are about to be applied, before anything runs. Migrations of PostgreSQL and MariaDB are refused with an error that their script does not allow; of
/// SQLite's errors it is only told, since its scripts are one transaction each on a file of their own.
/// </summary>
/// <param name="target">The database, asked read only where its rows decide.</param>
/// <param name="reporter">Told what was found.</param>
/// <param name="time">Ends queries that take too long.</param>
internal sealed class PendingReview(IValidationTarget target, IStepReporter reporter, TimeProvider time)
{
    private const int MostTold = 10;

    /// <summary>Takes known secrets out of the rows that are told.</summary>
    internal required Func<string, string> Redact { get; init; }

    /// <summary>What the database knows of its tables; null where its adapter does not say.</summary>
    internal ITableCatalog? Catalog { get; init; }

    /// <summary>What was found and is not allowed.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationLintRefused</c>.</exception>
    internal async Task<IReadOnlyList<LintFinding>> RequireAsync(SqlDialect dialect, IReadOnlyList<MigrationScript> pending, CancellationToken cancellationToken)
    {
        var probes = new LintProbeRunner(target, reporter, time) { Redact = Redact };
        var linter = new MigrationLinter(dialect);
        var found = Catalog is null ? linter.Check(pending) : await linter.CheckAsync(pending, Catalog, cancellationToken);
        var findings = await probes.RunAsync([.. found.Where(finding => !finding.Allowed)], cancellationToken);
        if (dialect != SqlDialect.Sqlite)
        {
            LintRefusals.ThrowIfRefused(findings);
        }

        return dialect == SqlDialect.Sqlite ? [.. findings.Where(finding => finding.Refuses)] : findings;
    }

    /// <summary>Warns of them, of ten at most.</summary>
    internal void Tell(IReadOnlyList<LintFinding> findings)
    {
        foreach (var finding in findings.Take(MostTold))
        {
            reporter.Warn($"{finding}");
        }

        if (findings.Count > MostTold)
        {
            reporter.Warn($"{findings.Count - MostTold} findings more; Test-DbMigration shows them all.");
        }
    }
}

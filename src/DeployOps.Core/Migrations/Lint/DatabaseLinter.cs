using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>
/// Looks at the scripts that are pending in a database, as they would be applied one after another, by what the database knows: how its history and the folder fit, how large and how busy
/// tables are, what uses what is dropped, and whether the rows would make a statement fail. Nothing is changed.
/// </summary>
/// <param name="database">The database, open.</param>
/// <param name="spec">What it is, with the folder of its scripts.</param>
/// <param name="reporter">Told what is asked.</param>
/// <param name="time">Ends queries that take too long.</param>
internal sealed class DatabaseLinter(IDatabase database, DatabaseSpec spec, IStepReporter reporter, TimeProvider time)
{
    /// <summary>Takes known secrets out of the rows that are told.</summary>
    internal required Func<string, string> Redact { get; init; }

    /// <summary>The findings, those of the order first; allowed ones among them.</summary>
    /// <exception cref="DeployOpsException">The folder cannot be read, or the database cannot be asked.</exception>
    internal async Task<IReadOnlyList<LintFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var linter = new MigrationLinter(SqlDialects.Of(spec.Kind));
        var scripts = MigrationFolder.Read(await SqlFile.ReadFolderAsync(spec.Migrations!, cancellationToken));
        var plan = await MigrationPlanner.PlanAsync(scripts, database.Migrations, cancellationToken);
        var found = database.Catalog is { } catalog ? await linter.CheckAsync(plan.Pending, catalog, cancellationToken) : linter.Check(plan.Pending);
        var probes = new LintProbeRunner(database.Validations, reporter, time) { Redact = Redact };
        return
        [
            .. SequenceFindings.Of([.. MigrationFolder.Disorder(scripts), .. plan.Refusals, .. plan.Allowed]), .. await probes.RunAsync(found, cancellationToken),
            .. UndoFindings.Missing(plan.Pending, scripts), .. UndoFindings.NoneAtAll(plan.Pending, scripts),
        ];
    }
}

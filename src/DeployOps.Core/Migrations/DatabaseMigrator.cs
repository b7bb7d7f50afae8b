using DeployOps.Gates;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Migrates one database without a plan and without a window: the same planner, the same scripts, no journal and no way back.</summary>
public sealed class DatabaseMigrator
{
    private readonly Ports ports;
    private readonly IStepReporter reporter;
    private readonly DatabaseSpec database;

    /// <summary>Makes the migrator of one database.</summary>
    public DatabaseMigrator(Ports ports, IStepReporter reporter, DatabaseSpec database)
    {
        this.ports = ports;
        this.reporter = reporter;
        this.database = database;
    }

    /// <summary>Whether the validations are asked in the transaction of the last script, too, before it is committed. Default false.</summary>
    public bool VerifyBeforeCommit { get; init; }

    /// <summary>Says how busy the processors of the database's host are, in percent; null where the server is looked at.</summary>
    public Func<CancellationToken, Task<double>>? CpuProbe { get; init; }

    /// <summary>What would be applied, reading only.</summary>
    /// <exception cref="DeployOpsException">Why it may not be.</exception>
    public async Task<MigrationResult> PlanAsync(CancellationToken cancellationToken)
    {
        await using var opened = Open(ports, database);
        var plan = await PlanAsync(opened, cancellationToken);
        var review = Review(opened);
        RequireTransaction(plan, _ => { });
        review.Tell(await review.RequireAsync(SqlDialects.Of(database.Kind), plan.Pending, cancellationToken));
        await UnseenLimits.TellAsync(database, opened.Migrations, plan.Pending, reporter, cancellationToken);
        return Result(PhaseOutcome.Planned, plan, ValidationRunner.Plan(await QueriesAsync(cancellationToken)));
    }

    /// <summary>Applies what is pending and validates it.</summary>
    /// <exception cref="DeployOpsException">Which script failed; those before it stay applied.</exception>
    public async Task<MigrationResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var opened = Open(ports, database);
        var start = ports.TimeProvider.GetTimestamp();
        var startedAt = ports.TimeProvider.GetUtcNow();
        var plan = await PlanAsync(opened, cancellationToken);
        await Review(opened).RequireAsync(SqlDialects.Of(database.Kind), plan.Pending, cancellationToken);
        RequireTransaction(plan, reporter.Warn);
        var queries = await QueriesAsync(cancellationToken);
        var verifier = new MigrationVerifier(opened, SqlDialects.Of(database.Kind), Runner, reporter, ports.TimeProvider);
        var before = await verifier.BeforeAsync(queries, plan.Pending.Count > 0, await IsResumedAsync(opened, queries, cancellationToken), cancellationToken);
        var look = VerifyBeforeCommit && plan.Pending.Count > 0 ? MigrationVerifier.BeforeCommit(Runner, before, queries, plan.Pending[^1].FileName) : null;
        var evidence = await ApplyAsync(opened, plan.Pending, look, cancellationToken);
        var (checks, changes) = await verifier.AfterAsync(before, queries, plan.Pending, cancellationToken);
        foreach (var check in checks.Where(check => check.IsWarning))
        {
            reporter.Warn(check.Warning);
        }

        var outcome = checks.Any(check => check.Refuses) ? PhaseOutcome.Failed : PhaseOutcome.Succeeded;
        return Result(outcome, plan, checks, evidence, changes) with { StartedAt = startedAt, Duration = ports.TimeProvider.GetElapsedTime(start) };
    }

    // Without a journal only the database remembers that it was migrated half way, where a script of it was.
    private async Task<bool> IsResumedAsync(IDatabase opened, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var begun = await opened.Migrations.ReadBegunAsync(cancellationToken);
        if (begun.Count > 0 && queries.Any(query => query.When.HasFlag(ValidationMoments.Before)))
        {
            reporter.Warn($"Version {begun[0].Version} was begun and did not end: it is gone on with, and what is to hold before the first script is not asked again.");
        }

        return begun.Count > 0;
    }

    private async Task<IReadOnlyList<MigrationEvidence>> ApplyAsync(IDatabase opened, IReadOnlyList<MigrationScript> pending, Func<IValidationTarget, CancellationToken, Task>? beforeCommit, CancellationToken cancellationToken)
    {
        var evidence = new List<MigrationEvidence>();
        for (var number = 0; number < pending.Count; number++)
        {
            var script = pending[number];
            reporter.Progress("Migration", script.FileName, 100 * number / pending.Count);
            var witness = new MigrationWitness(reporter, ports.TimeProvider, script.FileName) { BeforeCommit = number == pending.Count - 1 ? beforeCommit : null, CpuProbe = CpuProbe };
            await witness.RunAsync(observer => opened.Migrations.ApplyAsync(script, ports.Operator.Name, observer, cancellationToken));
            evidence.AddRange(witness.Evidence is { } seen ? [seen] : []);
        }

        return evidence;
    }

    private void RequireTransaction(MigrationPlan plan, Action<string> warn)
    {
        if (VerifyBeforeCommit && plan.Pending.Count > 0)
        {
            MigrationVerifier.RequireTransaction(plan.Pending[^1], SqlDialects.Of(database.Kind), warn);
        }
    }

    private ValidationRunner Runner(IValidationTarget target) => new(target, reporter, ports.TimeProvider) { Redact = ports.Redactor.Redact };

    /// <summary>Opens a database that is in no plan.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseKindUnknown</c>; <c>DatabaseServerUnsupported</c>.</exception>
    internal static IDatabase Open(Ports ports, DatabaseSpec database) => KnownKinds.Databases.FirstOrDefault(kind => kind.Equals(database.Kind, StringComparison.OrdinalIgnoreCase)) is { } known
        ? ports.OpenDatabase((database with { Kind = known }).RequireServers())
        : throw new DeployOpsException("DatabaseKindUnknown", FaultKind.InvalidData, $"The kind '{database.Kind}' is not known.", $"Use one of: {string.Join(", ", KnownKinds.Databases)}.");

    private async Task<MigrationPlan> PlanAsync(IDatabase opened, CancellationToken cancellationToken)
    {
        var scripts = await MigrationFolder.LoadAsync(database.Migrations!, cancellationToken);
        foreach (var script in scripts)
        {
            MigrationLint.Check(script, SqlDialects.Of(database.Kind));
        }

        var plan = await MigrationPlanner.PlanAsync(scripts, opened.Migrations, cancellationToken);
        plan.Require(reporter);

        return plan;
    }

    private PendingReview Review(IDatabase opened) => new(opened.Validations, reporter, ports.TimeProvider) { Redact = ports.Redactor.Redact, Catalog = opened.Catalog };

    private async Task<IReadOnlyList<ValidationQuery>> QueriesAsync(CancellationToken cancellationToken) =>
        database.Validations is null ? [] : await ValidationFile.LoadFolderAsync(database.Validations, SqlDialects.Of(database.Kind), cancellationToken);

    private MigrationResult Result(PhaseOutcome outcome, MigrationPlan plan, IReadOnlyList<ValidationCheck> checks, IReadOnlyList<MigrationEvidence>? evidence = null, IReadOnlyList<string>? changes = null)
    {
        var described = new DatabaseMigration
        {
            Database = database.Name,
            From = plan.Current?.ToString(),
            To = plan.Target?.ToString(),
            Scripts = [.. plan.Pending.Select(script => script.FileName)],
            Validations = checks,
            Evidence = evidence ?? [],
            SchemaChanges = changes ?? [],
        };
        var failed = checks.Where(check => check.Refuses).Select(check => check.Told);

        return new MigrationResult
        {
            Outcome = outcome,
            Summary = outcome == PhaseOutcome.Failed ? $"validations failed: {string.Join("; ", failed)}" : described.ToString(),
            Databases = [described],
        };
    }
}

using DeployOps.Gates;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Plans.Approvals;
using DeployOps.Rollbacks;
using DeployOps.Steps;
using DeployOps.Windows.Homes;

namespace DeployOps.Migrations;

/// <summary>Phase 2: each database's pending scripts in order, then its validations.</summary>
internal sealed class MigrationPhase : IPhase<MigrationResult>
{
    private readonly List<DatabaseMigration> done = [];

    /// <summary>Whether the validations are asked in the transaction of each database's last script, too, before it is committed: where one fails nothing of that script is left. Default false.</summary>
    internal bool VerifyBeforeCommit { get; init; }

    /// <summary>Says how busy the processors of the database's host are, in percent; null where the server is looked at.</summary>
    internal Func<CancellationToken, Task<double>>? CpuProbe { get; init; }

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Migration, Acts: true, "ValidationFailed");

    public async Task<MigrationResult> PlanAsync(PhaseContext context)
    {
        var planned = new List<DatabaseMigration>();
        await RequireTransactionsAsync(context, _ => { });
        foreach (var database in Databases(context))
        {
            planned.Add(Describe(database, await ListAsync(context, database), context) with { Validations = ValidationRunner.Plan(MigrationFactory.Queries(database, context.Files)) });
        }

        var rehearsed = planned.Select(database => database.Rehearsal?.ToString()).OfType<string>();
        var proof = KeepProver.Planned(context, planned.Exists(database => database.Scripts.Count > 0));
        return new MigrationResult { Outcome = PhaseOutcome.Planned, Summary = string.Join("; ", [Words(planned), .. rehearsed]) + proof, Databases = planned };
    }

    public async Task<MigrationResult> RunAsync(PhaseContext context)
    {
        await RequireTransactionsAsync(context, context.Reporter.Warn);
        var databases = new List<(DatabaseSpec Database, MigrationList List, MigrationBefore Before)>();
        foreach (var database in Databases(context))
        {
            // Of every database before the first is touched: one that is not fit keeps all from being migrated.
            var list = await ListAsync(context, database);
            databases.Add((database, list, await BeforeAsync(context, database, list)));
        }

        foreach (var (database, list, fit) in databases)
        {
            // What is compared with is asked anew where others were migrated meanwhile: customers go on.
            var before = done.Count == 0 ? fit : await BeforeAsync(context, database, list, fit);
            done.Add(Describe(database, list, context));
            WarnOfOthers(context, database, list, done[^1]);
            await using var desk = Desk(context, database, list, before);
            desk.Keep(database, list);
            var steps = MigrationFactory.Steps(database, list, MigrationFactory.Scripts(database, context.Files), desk);
            try
            {
                await new StepRunner(context.Session, context.Reporter).RunAsync(steps, context.Token);
            }
            finally
            {
                done[^1] = done[^1] with { Evidence = Evidence(context, database, list) };
            }

            done[^1] = await VerifyAsync(context, database, done[^1], list, before);
        }

        var failed = done.SelectMany(database => database.Validations).Where(check => check.Refuses).ToList();
        if (failed.Count == 0)
        {
            await KeepProver.RequireAsync(context);
            return End(PhaseOutcome.Succeeded, Words(done));
        }

        return End(PhaseOutcome.Failed, $"{failed.Count} validation{(failed.Count == 1 ? "" : "s")} failed after the migration: {PhaseFailure.Sentence(string.Join("; ", failed.Select(check => check.Told)))}");
    }

    public MigrationResult End(PhaseOutcome outcome, string summary) => new() { Outcome = outcome, Summary = summary, Databases = [.. done] };

    private static void WarnOfOthers(PhaseContext context, DatabaseSpec database, MigrationList list, DatabaseMigration described)
    {
        if (described.Rehearsal is null && list.Pending.Count > 0 && context.Session.Facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database.Name)) is not null)
        {
            context.Reporter.Warn($"{database.Name}: the scripts are others than those that were rehearsed on the restored backup.");
        }
    }

    private static IEnumerable<DatabaseSpec> Databases(PhaseContext context) => context.Plan.Databases.Where(database => database.Migrations is not null);

    // What was pending when the migration began stays the list, so that a run after a crash probes each script of it.
    private static async Task<MigrationList> ListAsync(PhaseContext context, DatabaseSpec database)
    {
        var name = MigrationFactory.CaptureName(database.Name);
        var captured = context.OpenSession?.Facts.Captured<MigrationList>(name);
        if (captured is not null && IsOfThese(context.OpenSession!.Facts.FilesOfCapture(name)!, context.Files))
        {
            return captured;
        }

        await using var opened = context.Ports.OpenDatabase(database);
        var scripts = MigrationFactory.Scripts(database, context.Files);
        var plan = await MigrationPlanner.PlanAsync(scripts, opened.Migrations, context.Token);
        plan.Require(context.Reporter);
        await ReviewAsync(context, database, opened, plan.Pending);
        // A deviation may have brought other scripts: what was begun of the old list stays in it, as far as it still exists.
        var begun = scripts.Where(script => !script.IsUndo && captured?.Pending.Contains(script.Version.ToString()) == true);
        var pending = begun.Union(plan.Pending).OrderBy(script => script.Version).ToList();
        var list = new MigrationList(captured is null ? plan.Current?.ToString() : captured.From, [.. pending.Select(script => script.Version.ToString())])
        {
            Scripts = [.. pending.Select(script => new FrozenScript(script.Version.ToString(), script.Checksum, script.RawChecksum))],
            Replicas = captured?.Replicas ?? await opened.Migrations.CountReplicasAsync(context.Token),
        };
        if (context.OpenSession is { Writes: true } session)
        {
            await session.CaptureAsync(DeploymentPhase.Migration, MigrationFactory.CaptureName(database.Name), list, $"{database.Name} is at {plan.Current?.ToString() ?? "no version"}, {plan.Pending.Count} scripts pending");
        }

        return list;
    }

    // Told while it is planned, so once; refused whenever it is.
    private static async Task ReviewAsync(PhaseContext context, DatabaseSpec database, IDatabase opened, IReadOnlyList<MigrationScript> pending)
    {
        var review = new PendingReview(opened.Validations, context.Reporter, context.Ports.TimeProvider) { Redact = context.Ports.Redactor.Redact, Catalog = opened.Catalog };
        var findings = await review.RequireAsync(SqlDialects.Of(database.Kind), pending, context.Token);
        if (context.OpenSession is not { Writes: true })
        {
            review.Tell(findings);
            await UnseenLimits.TellAsync(database, opened.Migrations, pending, context.Reporter, context.Token);
        }
    }

    private static bool IsOfThese(IReadOnlyList<KeptFile> kept, ApprovedFiles files) =>
        PlanDigest.Differences(kept.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal), files.Hashes()).Count == 0;

    // What was seen before the first script stays what is compared with, also in a run after a crash.
    private static async Task<MigrationBefore> BeforeAsync(PhaseContext context, DatabaseSpec database, MigrationList list, MigrationBefore? fit = null)
    {
        var name = MigrationFactory.BeforeName(database.Name);
        var hasBegun = context.Session.Facts.Steps.Any(step => MigrationStep.DatabaseOf(step.Key) == database.Name);
        if (context.Session.Facts.Captured<MigrationBefore>(name) is { } captured && hasBegun)
        {
            return captured;
        }

        await using var opened = context.Ports.OpenDatabase(database);
        var before = await Verifier(context, database, opened).BeforeAsync(MigrationFactory.Queries(database, context.Files), list.Pending.Count > 0, isResumed: fit is not null, context.Token);
        before = fit is null ? before : before with { Checks = fit.Checks };
        if (before.Answers.Count > 0 || before.Checks.Count > 0 || before.State is not null)
        {
            await context.Session.CaptureAsync(DeploymentPhase.Migration, name, before, $"{database.Name} before: {before.Answers.Count} answers to compare with, {before.State?.Tables.Count ?? 0} tables");
        }

        return before;
    }

    private static async Task<DatabaseMigration> VerifyAsync(PhaseContext context, DatabaseSpec database, DatabaseMigration migrated, MigrationList list, MigrationBefore before)
    {
        var queries = MigrationFactory.Queries(database, context.Files);
        if (queries.Count == 0 && before.State is null)
        {
            return migrated;
        }

        await using var opened = context.Ports.OpenDatabase(database);
        var (checks, changes) = await Verifier(context, database, opened).AfterAsync(before, queries, Pending(database, list, context), context.Token);
        foreach (var check in checks)
        {
            await context.Session.AppendGateAsync(DeploymentPhase.Migration, new GateResult($"validation {check.Name}", check.Verdict, check.Told));
            if (check.IsWarning)
            {
                context.Reporter.Warn(check.Warning);
            }
        }

        return migrated with { Validations = checks, SchemaChanges = changes };
    }

    // Of every database before the first is touched.
    private async Task RequireTransactionsAsync(PhaseContext context, Action<string> warn)
    {
        foreach (var database in VerifyBeforeCommit ? Databases(context) : [])
        {
            if (Pending(database, await ListAsync(context, database), context).MaxBy(script => script.Version) is { } last)
            {
                MigrationVerifier.RequireTransaction(last, SqlDialects.Of(database.Kind), words => warn($"{database.Name}: {words}"));
            }
        }
    }

    private MigrationDesk Desk(PhaseContext context, DatabaseSpec database, MigrationList list, MigrationBefore before)
    {
        if (!VerifyBeforeCommit || list.Pending.Count == 0)
        {
            return new MigrationDesk(context) { CpuProbe = CpuProbe };
        }

        var last = Pending(database, list, context).MaxBy(script => script.Version)!;
        return new MigrationDesk(context) { Last = last, CpuProbe = CpuProbe, BeforeCommit = MigrationVerifier.BeforeCommit(target => Runner(context, target), before, MigrationFactory.Queries(database, context.Files), last.FileName) };
    }

    private static MigrationVerifier Verifier(PhaseContext context, DatabaseSpec database, IDatabase opened) =>
        new(opened, SqlDialects.Of(database.Kind), target => Runner(context, target), context.Reporter, context.Ports.TimeProvider);

    private static ValidationRunner Runner(PhaseContext context, IValidationTarget target) => new(target, context.Reporter, context.Ports.TimeProvider) { Redact = context.Ports.Redactor.Redact };

    private static IEnumerable<MigrationScript> Pending(DatabaseSpec database, MigrationList list, PhaseContext context) =>
        MigrationFactory.Scripts(database, context.Files).Where(script => !script.IsUndo && list.Pending.Contains(script.Version.ToString()));

    // From the journal, so that a run that carries on has what the one before it saw.
    private static IReadOnlyList<MigrationEvidence> Evidence(PhaseContext context, DatabaseSpec database, MigrationList list) =>
        [.. list.Pending.Select(version => context.Session.Facts.Captured<MigrationEvidence>(MigrationDesk.EvidenceName(database.Name, MigrationVersion.TryParse(version)!))).OfType<MigrationEvidence>()];

    private static DatabaseMigration Describe(DatabaseSpec database, MigrationList list, PhaseContext context)
    {
        var scripts = MigrationFactory.Scripts(database, context.Files).Where(script => !script.IsUndo).ToList();
        return new DatabaseMigration
        {
            Database = database.Name,
            From = list.From,
            To = list.Pending.LastOrDefault(version => !MigrationVersion.TryParse(version)!.IsRepeatable) ?? list.From,
            Scripts = [.. list.Pending.Select(version => scripts.First(script => script.Version == MigrationVersion.TryParse(version)).FileName)],
            Rehearsal = context.OpenSession?.Facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database.Name)) is { } rehearsal
                && IsOfScripts(rehearsal, list, scripts) ? rehearsal : null,
        };
    }

    // Where a part was not tried, what was tried has to be of the scripts as they are now.
    private static bool IsOfScripts(MigrationRehearsal rehearsal, MigrationList list, List<MigrationScript> scripts) => rehearsal.Untried.Length > 0
        ? rehearsal.Scripts.All(one => scripts.Exists(script => rehearsal.Find(script) == one))
        : list.Pending.All(version => rehearsal.Find(scripts.First(script => script.Version == MigrationVersion.TryParse(version))) is not null);

    private static string Words(List<DatabaseMigration> databases) =>
        databases.Count == 0 ? "the plan has no migrations" : string.Join("; ", databases);
}

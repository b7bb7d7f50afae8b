using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using DeployOps.Plans.Approvals;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

/// <summary>Tests a plan with everything it names: the plan itself, the form of its migrations, validations and smoke files, and its approval.</summary>
public sealed class PlanTester
{
    private readonly Ports ports;

    /// <summary>Makes the tester.</summary>
    public PlanTester(Ports ports) => this.ports = ports;

    /// <summary>Tests a plan; nothing is changed and nothing is asked over the network.</summary>
    /// <exception cref="DeployOpsException"><c>PlanNotFound</c>, <c>PlanUnreadable</c>, <c>PlanTooLarge</c>, <c>ApprovalUnreadable</c>.</exception>
    public PlanTest Test(string path)
    {
        var reading = ports.Plans.Read(path);
        if (reading.Plan is not { } plan)
        {
            return new PlanTest { Path = reading.Path, Errors = reading.Errors, Warnings = reading.Warnings };
        }

        var files = PlanFiles.Capture(reading);
        return new PlanTest
        {
            Path = plan.Path,
            Service = plan.Service,
            Environment = plan.Environment,
            Release = plan.Release,
            // A file that cannot be read is quoted where it goes wrong, and it may hold what a reference yields.
            Errors = [.. FormErrors(plan, files, ports.Deployer).Select(error => error with { Message = ports.Redactor.Redact(error.Message) })],
            Warnings = [.. reading.Warnings, .. CapacityWarnings(plan), .. DeployWarnings(plan, files), .. plan.Databases.Select(database => MigrationWarning(database, plan.Rollback.Database, files)).OfType<PlanError>()],
            Deviations = ApprovalCheck.Check(plan, files, ApprovalFile.Read(plan.Path), ports.TimeProvider.GetUtcNow(), ports.Operator),
            Digest = files.Digest,
            Files = [.. files.Files.Select(file => file.Path)],
        };
    }

    /// <summary>The same, with what earlier windows of its environment saw of its migrations on restored backups.</summary>
    /// <exception cref="DeployOpsException">Those of <see cref="Test"/>; <c>JournalCorrupt</c> or <c>JournalUnreadable</c> where a window of the environment cannot be read.</exception>
    public async Task<PlanTest> TestAsync(string path)
    {
        var test = Test(path);
        var reading = ports.Plans.Read(path);
        return test.IsValid && reading.Plan is { } plan ? test with { Rehearsals = await RehearsalsAsync(plan, PlanFiles.Capture(reading)) } : test;
    }

    /// <summary>The approval of a plan that has no mistake, by whoever is at work; it counts once <see cref="ApprovalFile.Write"/> has written it.</summary>
    /// <exception cref="DeployOpsException"><c>PlanInvalid</c>, <c>ApprovalValidityOutOfRange</c>.</exception>
    public PlanApproval Approve(string path, TimeSpan? validity)
    {
        var reading = ports.Plans.Read(path);
        var plan = reading.Require();
        var files = PlanFiles.Capture(reading);
        RequireForm(plan, files, ports.Deployer);

        return PlanApproval.Approve(plan, files, ports.Operator, ports.TimeProvider.GetUtcNow(), validity);
    }

    /// <summary>Refuses files that the plan names and that could not be used later.</summary>
    /// <exception cref="DeployOpsException"><c>PlanInvalid</c>, with every mistake on a line of its own.</exception>
    internal static void RequireForm(DeploymentPlan plan, ApprovedFiles files, IInstanceDeployer deployer)
    {
        var errors = FormErrors(plan, files, deployer).ToList();
        if (errors.Count > 0)
        {
            throw PlanReading.Invalid($"Files of the plan '{plan.Path}' have mistakes", errors, plan.Path);
        }
    }

    private async Task<IReadOnlyList<MigrationRehearsal>> RehearsalsAsync(DeploymentPlan plan, ApprovedFiles files)
    {
        var windows = await WindowCatalog.OfEnvironmentAsync(ports.Home.Environment(plan.Service, plan.Environment), ports);
        return
        [
            .. from database in plan.Databases
               let scripts = MigrationFactory.Scripts(database, files)
               let known = windows.Select(window => window.Facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database.Name)))
                   .FirstOrDefault(rehearsal => rehearsal is not null && rehearsal.Scripts.All(script => scripts.Any(one => !one.IsUndo && rehearsal.Find(one) == script)))
               where known is not null
               select known,
        ];
    }

    private static IEnumerable<PlanError> FormErrors(DeploymentPlan plan, ApprovedFiles files, IInstanceDeployer deployer)
    {
        if (plan.Rollout is { } rollout && deployer.FindMistake(rollout.Deploy, files.Text(rollout.Deploy)) is { } mistake)
        {
            yield return mistake;
        }

        foreach (var database in plan.Databases)
        {
            if (database.Migrations is { } migrations && Refusal(() => MigrationFactory.Scripts(database, files)) is { } wrong)
            {
                yield return new PlanError(migrations, 1, 1, "Migrations", wrong);
            }

            if (database.Validations is { } validations && Refusal(() => MigrationFactory.Queries(database, files)) is { } invalid)
            {
                yield return new PlanError(validations, 1, 1, "Validations", invalid);
            }
            else if (database is { Validations: not null, Replica: null } && MigrationFactory.Queries(database, files).FirstOrDefault(query => query.OnReplica) is { } query)
            {
                yield return new PlanError(database.Validations, 1, 1, "Validations", $"has '-- on: replica' in {query.File}:{query.Line} ({query.Name}), and Databases.Replica names none.");
            }
        }

        foreach (var path in plan.Smoke)
        {
            if (Refusal(() => HurlFile.Parse(files.Text(path), path)) is { } wrong)
            {
                yield return new PlanError(path, 1, 1, "Smoke", wrong);
            }
        }
    }

    // Which pool carries the traffic is not known without the router.
    private static IEnumerable<PlanError> CapacityWarnings(DeploymentPlan plan) =>
        plan.Rollout is { } rollout && RolloutCapacity.Smaller(rollout) is { Count: > 0 } smaller
            ? [new PlanError(plan.Path, 1, 1, "Rollout.Instances", $"has fewer instances in {string.Join(", ", smaller)} than in another pool: Start-DeploymentWindow refuses a release to fewer instances than carry the traffic (RolloutCapacityLess).")]
            : [];

    private IReadOnlyList<PlanError> DeployWarnings(DeploymentPlan plan, ApprovedFiles files) =>
        plan.Rollout is { } rollout ? ports.Deployer.FindUnknown(rollout.Deploy, files.Text(rollout.Deploy)) : [];

    // Which scripts are pending is not known without the database, so that one line says how many findings there are. A plan that keeps the database or restores it need not have undo scripts.
    private static PlanError? MigrationWarning(DatabaseSpec database, DatabaseRollback rollback, ApprovedFiles files)
    {
        var dialect = SqlDialects.Of(database.Kind);
        if (database.Migrations is not { } migrations || dialect == SqlDialect.Sqlite || Refusal(() => MigrationFactory.Scripts(database, files)) is not null)
        {
            return null;
        }

        var findings = new MigrationLinter(dialect).CheckFolder(MigrationFactory.Scripts(database, files), rollback == DatabaseRollback.Down).Where(finding => !finding.Allowed).ToList();
        return findings.Count == 0
            ? null
            : new PlanError(migrations, 1, 1, "Migrations", $"has {findings.Count} finding{(findings.Count == 1 ? "" : "s")}, {findings.Count(finding => finding.Refuses)} that would refuse the migration: Test-DbMigration '{migrations}' -Kind {dialect} shows them.");
    }

    private static string? Refusal(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (DeployOpsException e)
        {
            return e.Message;
        }
    }
}

using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Logs;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Preparation;

/// <summary>Phase 1 once the window is open: final health check, baseline, backups proven. It changes nothing in production.</summary>
internal sealed class PreparationPhase : IPhase<PreparationResult>
{
    private static readonly TimeSpan ProbeDeadline = TimeSpan.FromSeconds(30);

    private readonly List<string> seen = [];

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Preparation, Acts: true, "PreparationFailed");

    public async Task<PreparationResult> PlanAsync(PhaseContext context)
    {
        var plan = context.Plan;
        var planned = new List<string>();
        planned.AddRange(plan.Health.Probes.Select(probe => $"probe {probe.Name} {probe.Consecutive} times in a row"));
        planned.AddRange(plan.Health.Incidents.Select(incidents => $"see that no incident is open in {incidents.Name}"));
        planned.AddRange(plan.Databases.Where(database => database.Migrations is not null).Select(database => $"see that the migrations of {database.Name} can be applied"));
        if (plan.Rollout is { } rollout)
        {
            planned.Add($"capture weights and versions of {rollout.Instances.Count} instances");
            if (await ForeseeCapacityAsync(context, rollout) is { } words)
            {
                planned.Add(words);
            }
        }

        planned.AddRange(plan.Databases.Select(database => $"back up {database.Name}, restore it into a scratch place and compare{(database is { Migrations: not null, Rehearsal: RehearsalExtent.Full } ? ", and rehearse the migration there" : "")}"));
        planned.AddRange(plan.Configuration.Select(configuration => $"back up {configuration.Name}, extract it into a scratch place and compare"));
        if (plan.Smoke.Count > 0)
        {
            planned.Add($"run {plan.Smoke.Count} smoke files against the old version");
        }

        if (plan.Monitoring is { } monitoring)
        {
            planned.Add($"measure {monitoring.Metrics.Count} metrics for {monitoring.Baseline}");
        }

        return End(PhaseOutcome.Planned, string.Join("; ", planned)) with { Checks = planned };
    }

    public async Task<PreparationResult> RunAsync(PhaseContext context)
    {
        await ProbeAsync(context);
        await MigrationsFitAsync(context);
        await CaptureRolloutAsync(context);
        await CaptureSmokeAsync(context);
        await CaptureMetricsAsync(context);
        await BackUpAsync(context);

        return End(PhaseOutcome.Succeeded, string.Join("; ", seen));
    }

    public PreparationResult End(PhaseOutcome outcome, string summary) => new() { Outcome = outcome, Summary = summary, Checks = [.. seen] };

    private async Task ProbeAsync(PhaseContext context)
    {
        foreach (var probe in context.Plan.Health.Probes)
        {
            context.Reporter.Progress("Preparation", $"probing {probe.Name}");
            var gate = await new HealthProbe(context.Ports.Http, context.Ports.TimeProvider).AskAsync(probe, ProbeDeadline, context.Token);
            await context.Session.AppendGateAsync(DeploymentPhase.Preparation, gate);
            if (gate.Verdict != GateVerdict.Pass)
            {
                throw new DeployOpsException("HealthCheckFailed", FaultKind.Failed, $"{gate.Name} is not well: {PhaseFailure.Sentence(gate.Detail)}", "A release never starts during an incident: wait until it is well.");
            }
        }

        if (context.Plan.Health.Probes.Count > 0)
        {
            seen.Add("every probe is well");
        }
    }

    // A migration that cannot be applied is found here, not when the window is half over.
    private static async Task MigrationsFitAsync(PhaseContext context)
    {
        foreach (var database in context.Plan.Databases.Where(database => database.Migrations is not null))
        {
            await using var opened = context.Ports.OpenDatabase(database);
            (await MigrationPlanner.PlanAsync(MigrationFactory.Scripts(database, context.Files), opened.Migrations, context.Token)).ThrowIfRefused();
        }
    }

    private async Task CaptureRolloutAsync(PhaseContext context)
    {
        if (context.Plan.Rollout is null)
        {
            return;
        }

        // A preparation that is repeated once the rollout has begun must not take what it finds for what production came from.
        var hasBegun = context.Session.Facts.Steps.Any(step => step.Phase == DeploymentPhase.Rollout);
        var plan = hasBegun ? await RolloutFactory.PlanAsync(context) : await RolloutFactory.CaptureAsync(context);
        if (!hasBegun && !context.Session.Facts.Deviates(DeploymentPhase.Preparation, "RolloutCapacityLess"))
        {
            await RequireCapacityAsync(context, plan);
        }

        seen.Add($"{plan.OldVersion} on {plan.Old.Count} instances");
    }

    private static async Task RequireCapacityAsync(PhaseContext context, RolloutPlan plan)
    {
        if (RolloutCapacity.Refusal(plan) is { } need)
        {
            await context.Session.DeviateAsync(DeploymentPhase.Preparation, need, context.Session.Deviation ?? throw need);
        }
    }

    // Before a window is opened, where the plan alone does not tell that there will be enough. What keeps it from being told is met again by the preparation itself.
    private static async Task<string?> ForeseeCapacityAsync(PhaseContext context, RolloutSpec rollout)
    {
        if (context.OpenSession is not null || RolloutCapacity.Smaller(rollout).Count == 0)
        {
            return null;
        }

        RolloutPlan plan;
        try
        {
            plan = await RolloutFactory.CaptureAsync(context);
        }
        catch (DeployOpsException e)
        {
            return $"now they cannot be captured: {e.Fact}";
        }

        return RolloutCapacity.Refusal(plan) switch
        {
            null => null,
            { } need when context.Deviation is null => throw need,
            { } need => $"go on against {need.ErrorId}: {need.Fact}",
        };
    }

    private async Task CaptureSmokeAsync(PhaseContext context)
    {
        if (context.Plan.Smoke.Count == 0)
        {
            return;
        }

        context.Reporter.Progress("Preparation", "smoke tests against the old version");
        var suite = await SmokeDesk.RunAsync(context, DeploymentPhase.Preparation, RolloutFactory.Begun(context)?.OldVersion, baseline: null);
        await context.Session.CaptureAsync(DeploymentPhase.Preparation, SmokeDesk.BaselineName, suite.Checks, $"Smoke tests of the old version: {suite.Summary}");
        seen.Add($"smoke before: {suite.Summary}");
        foreach (var check in suite.Checks.Where(check => check.Outcome is SmokeOutcome.Failed or SmokeOutcome.Error))
        {
            context.Reporter.Warn($"The smoke test {check.Path} fails on the old version already, at line {check.Line}: {check.Message}. Where the new version fails in the same way, nothing goes back for that.");
        }
    }

    private async Task CaptureMetricsAsync(PhaseContext context)
    {
        if (context.Plan.Monitoring is not { } monitoring)
        {
            return;
        }

        var baselines = await new BaselineMeasurement(context.Ports.Adapters.OpenMetrics(), context.Ports.TimeProvider).MeasureAsync(monitoring, context.Reporter, context.Token);
        await context.Session.CaptureAsync(DeploymentPhase.Preparation, WatchPhase.BaselineName, baselines, $"Baseline: {string.Join("; ", baselines)}");
        seen.Add($"{baselines.Count(baseline => baseline.Value is not null)} of {monitoring.Metrics.Count} metrics measured");
        await CaptureLogsAsync(context, monitoring);
    }

    private async Task CaptureLogsAsync(PhaseContext context, MonitoringSpec monitoring)
    {
        // A preparation that is repeated once the release has begun must not take its errors for known ones.
        if (monitoring.Logs.Count == 0 || (context.Session.Facts.Steps.Any(step => step.Phase == DeploymentPhase.Rollout) && context.Session.Facts.Captured<LogBaseline>(LogReview.Name) is not null))
        {
            return;
        }

        context.Reporter.Progress("Preparation", "reading the logs");
        var logs = await Task.Run(new LogReview(monitoring.Logs, context.Ports.Redactor.Redact).Learn, context.Token);
        await context.Session.CaptureAsync(DeploymentPhase.Preparation, LogReview.Name, logs, $"Logs before: {logs}");
        seen.Add($"logs before: {logs}");
    }

    private async Task BackUpAsync(PhaseContext context)
    {
        List<IStep> steps =
        [
            .. context.Plan.Databases.Select(database => new BackupStep(database, context)),
            .. context.Plan.Configuration.Select(configuration => new FolderBackupStep(configuration, context)),
        ];
        await new StepRunner(context.Session, context.Reporter).RunAsync(steps, context.Token);
        if (steps.Count > 0)
        {
            seen.Add($"{steps.Count} backups proven");
        }
    }
}

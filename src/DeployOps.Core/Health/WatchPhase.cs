using DeployOps.Gates;
using DeployOps.Health.Logs;
using DeployOps.Health.Metrics;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Health;

/// <summary>Phase 5: one look an interval, each journaled and emitted; a verdict of Rollback ends it at once.</summary>
/// <param name="emit">Emits a look that is not the last, and returns when everybody downstream has had it.</param>
/// <param name="duration">How long to watch instead of what the plan says; null follows the plan.</param>
/// <param name="interval">Between two looks, instead of what the plan says; null follows the plan.</param>
internal sealed class WatchPhase(Func<HealthCheckIn, Task> emit, TimeSpan? duration = null, TimeSpan? interval = null) : IPhase<HealthCheckIn>
{
    /// <summary>The name under which the baseline is captured in the journal.</summary>
    internal const string BaselineName = "baseline";

    private HealthCheckIn? last;
    private LogReview? review;

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Monitoring, Acts: false, "HealthDegraded");

    public IEnumerable<DeployOpsException> Shortfalls(DeploymentPlan plan)
    {
        if (plan.Monitoring is not { } spec)
        {
            yield break;
        }

        if (duration < spec.Duration)
        {
            yield return Short($"-Duration {duration} is shorter than the {spec.Duration} of the plan", "-Duration");
        }

        if (interval > spec.Interval)
        {
            yield return Short($"-Interval {interval} is longer than the {spec.Interval} of the plan", "-Interval");
        }
    }

    public async Task<HealthCheckIn> PlanAsync(PhaseContext context)
    {
        if (Spec(context) is not { } spec)
        {
            return End(PhaseOutcome.Planned, "the plan watches nothing");
        }

        var metrics = spec.Metrics.Select(metric => NotAsked(metric.Name, MetricPromise.Of(metric)));
        var instances = (await RolloutFactory.ForeseeAsync(context))?.New ?? [];
        var checks = instances.SelectMany(instance => new[]
        {
            NotAsked(InstanceProbe.VersionName(instance), $"serves {context.Plan.Release}"),
            NotAsked(InstanceProbe.HealthName(instance), "healthy"),
        });
        var planned = End(PhaseOutcome.Planned, $"watch {spec.Metrics.Count} metrics every {spec.Interval} for {spec.Duration}");

        var logs = spec.Logs.Count == 0 ? Array.Empty<HealthFinding>() : [NotAsked(LogReview.Name, $"no kind of error that was never seen before in {string.Join(", ", spec.Logs)}")];

        return planned with { Findings = [.. metrics, .. logs, .. checks] };
    }

    public async Task<HealthCheckIn> RunAsync(PhaseContext context)
    {
        if (Spec(context) is not { } spec)
        {
            return End(PhaseOutcome.Succeeded, "the plan watches nothing");
        }

        var baselines = context.Session.Facts.Captured<List<MetricBaseline>>(BaselineName) ?? [];
        var logs = Logs(context, spec);
        var watch = new HealthWatch(spec, context.Ports.Adapters.OpenMetrics(), baselines, context.Ports.TimeProvider, token => ChecksAsync(context, logs, token));
        await foreach (var look in watch.RunAsync(context.Token))
        {
            await TakeAsync(context, spec, look);
            if (look.Conclusion is not null && review is not null)
            {
                // Who looks after the release from here on goes on with the logs where this ended.
                await context.Session.CaptureAsync(DeploymentPhase.Monitoring, LogReview.WatchedName, review.Reached(), "The watch read the logs to here");
            }

            if (look.Conclusion is null)
            {
                // What is downstream may take its time; it may also go back, and then this watch gives way at its next look.
                await emit((last! with { Window = context.Session.Window }).Redacted(context.Ports.Redactor));
            }
        }

        return last!;
    }

    public HealthCheckIn End(PhaseOutcome outcome, string summary) =>
        (last ?? new HealthCheckIn { Outcome = outcome, Summary = summary, Verdict = HealthVerdict.Inconclusive }) with { Outcome = outcome, Summary = summary };

    private static DeployOpsException Short(string how, string parameter) => new(
        "WatchShortened", FaultKind.Denied, $"{how}: less would be seen than was approved.", $"Leave {parameter} out, or give a reason with -Deviation; nothing was begun.");

    private static HealthFinding NotAsked(string name, string promise) => new() { Metric = name, Verdict = GateVerdict.Unknown, Detail = $"not asked yet; {promise}" };

    // Null where the plan reviews none.
    private Func<GateResult>? Logs(PhaseContext context, MonitoringSpec spec)
    {
        if (spec.Logs.Count == 0)
        {
            return null;
        }

        if (context.Session.Facts.Captured<LogBaseline>(LogReview.Name) is not { } baseline)
        {
            return () => GateResult.Unknown(LogReview.Name, "the logs were not read before the release, so no error is known to be new");
        }

        var logs = review = new LogReview(spec.Logs, context.Ports.Redactor.Redact);
        logs.Know(baseline);

        return () => logs.Look();
    }

    private static async Task<IReadOnlyList<GateResult>> ChecksAsync(PhaseContext context, Func<GateResult>? logs, CancellationToken cancellationToken)
    {
        List<GateResult> gates = logs is null ? [] : [await Task.Run(logs, cancellationToken)];
        if (RolloutFactory.Begun(context) is not { } plan)
        {
            return gates;
        }

        var probe = new InstanceProbe(context.Ports.Http, context.Ports.TimeProvider);
        foreach (var instance in plan.New)
        {
            gates.Add(await probe.VersionGateAsync(instance, context.Plan.Rollout!, plan.Release, cancellationToken));
            gates.Add(await probe.HealthAsync(instance, context.Plan.Rollout! with { Consecutive = 1 }, TimeSpan.Zero, cancellationToken));
        }

        return gates;
    }

    private async Task TakeAsync(PhaseContext context, MonitoringSpec spec, HealthLook look)
    {
        context.Reporter.Progress("Monitoring", $"{look.Verdict}: {look.Summary}", (int)Math.Clamp(100 * (look.Elapsed / spec.Duration), 0, 100));
        var outcome = look.Conclusion switch
        {
            null => PhaseOutcome.Running,
            HealthVerdict.Healthy => PhaseOutcome.Succeeded,
            HealthVerdict.Rollback => PhaseOutcome.Failed,
            _ => PhaseOutcome.Inconclusive,
        };
        last = new HealthCheckIn
        {
            Outcome = outcome,
            Summary = look.Summary,
            Number = look.Number,
            Time = look.Time,
            Verdict = look.Conclusion ?? look.Verdict,
            Findings = look.Findings,
            StartedAt = look.Time - look.Elapsed,
            Duration = look.Elapsed,
        };
        await context.Session.AppendAsync(new JournalEntry(JournalKind.CheckIn, $"Look {look.Number}: {last.Verdict}: {look.Summary}")
        {
            Phase = DeploymentPhase.Monitoring,
            Detail = JournalJson.ToNode(look),
        });
    }

    private MonitoringSpec? Spec(PhaseContext context)
    {
        if (context.Plan.Monitoring is not { } spec)
        {
            return null;
        }

        var chosen = duration ?? spec.Duration;
        var beat = interval ?? spec.Interval;
        return spec with { Duration = chosen, Interval = beat < chosen ? beat : chosen };
    }
}

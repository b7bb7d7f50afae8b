using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Logs;
using DeployOps.Health.Metrics;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Rollouts;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.CheckIns;

/// <summary>
/// Makes one check-in: judges everything since the one before, so that what happened while none was made is judged with it. It writes to the window's
/// log and changes nothing else; going back is a person's decision by then.
/// </summary>
/// <param name="ports">The world.</param>
/// <param name="reporter">Told what goes on.</param>
internal sealed class CheckInRunner(Ports ports, IStepReporter reporter)
{
    /// <summary>What the log calls the looks of check-ins.</summary>
    internal const string Target = "extended";

    /// <summary>The check-ins of a log, in order.</summary>
    internal static IEnumerable<HealthLook> Looks(IEnumerable<JournalRecord> records) =>
        records.Where(record => record is { Kind: JournalKind.CheckIn, Target: Target }).Select(record => record.Read<HealthLook>());

    /// <summary>Where everything stands now, for the first check-in to go on from.</summary>
    internal async Task<CheckInState> BeginAsync(WindowSession session, CancellationToken cancellationToken)
    {
        var plan = WindowPlan.InForce(session, ports, SparedSections.CheckingIn).Plan;
        var spec = plan.Monitoring ?? new MonitoringSpec();
        var samples = await SampleAsync(spec, cancellationToken);

        return new CheckInState(0, session.Now, samples, LogsReached(session)) { ModuleVersion = ports.ModuleVersion };
    }

    // What was logged since the last check-in of an earlier registration is judged by the first of this one, or else since the watch; where no watch came to its end,
    // what was logged since the preparation.
    private LogBaseline? LogsReached(WindowSession session)
    {
        var last = session.Records.LastOrDefault(record => record is { Kind: JournalKind.Captured, Target: CheckInState.CaptureName or LogReview.WatchedName });
        return (last is { Target: CheckInState.CaptureName } ? LogsOf(last) : null)
            ?? session.Facts.Captured<LogBaseline>(LogReview.WatchedName)
            ?? session.Facts.Captured<LogBaseline>(LogReview.Name);
    }

    private LogBaseline? LogsOf(JournalRecord state)
    {
        try
        {
            return state.Read<CheckInState>().Logs;
        }
        catch (DeployOpsException e) when (e.ErrorId == "JournalRecordInvalid")
        {
            reporter.Warn($"How far an earlier check-in had read the logs cannot be told by this version of DeployOps, so they are read again from the watch on: {e.Fact}");
            return null;
        }
    }

    /// <summary>Makes the check-in.</summary>
    /// <param name="session">The window's log.</param>
    /// <param name="registration">What it belongs to.</param>
    /// <param name="cancellationToken">Ends it; nothing is written then.</param>
    internal async Task<ExtendedCheckIn> RunAsync(WindowSession session, CheckInRegistration registration, CancellationToken cancellationToken)
    {
        var plan = WindowPlan.InForce(session, ports, SparedSections.CheckingIn).Plan;
        var spec = plan.Monitoring ?? new MonitoringSpec();
        var before = session.Facts.Captured<CheckInState>(CheckInState.CaptureName) ?? throw new InvalidOperationException("A registration without a state.");
        reporter.Progress("Check-in", $"looking at everything since {before.Time:u}");
        var samples = await SampleAsync(spec, cancellationToken);
        var values = spec.Metrics.Select((metric, place) => Measure(metric, before.Samples, samples[place])).ToList();
        var baselines = session.Facts.Captured<List<MetricBaseline>>(WatchPhase.BaselineName) ?? [];
        var isLast = session.Now >= registration.Until;
        var review = before.Logs is null ? null : Review(spec, before.Logs);
        List<HealthFinding> findings =
        [
            .. spec.Metrics.Select((metric, place) => Judge(metric, values[place], baselines)),
            .. review is null ? Array.Empty<HealthFinding>() : [Finding(review.Look(isLast))],
            .. (await InstancesAsync(session, plan, cancellationToken)).Select(Finding),
        ];
        findings = await UnderwayAsync(session) is { } later ? [.. findings.Select(finding => Excuse(finding, later))] : findings;
        var earlier = Looks(session.Records).ToList();
        var tracker = earlier.Append(new HealthLook { Number = 0, Time = default, Elapsed = default, Findings = findings, Values = [], Verdict = default, Summary = "" })
            .Aggregate(new VerdictTracker(spec.Looks), (seen, look) => seen.After(look.Findings));
        var look = new HealthLook
        {
            Number = before.Number + 1,
            Time = session.Now,
            Elapsed = session.Now - registration.From,
            Findings = [.. findings.Select(finding => finding with { Looks = tracker.FailingLooks(finding.Metric) })],
            Values = values,
            Verdict = tracker.Verdict,
            Missed = Math.Max(0, (int)Math.Round((session.Now - before.Time) / registration.Every) - 1),
            Summary = Summary(findings, tracker),
        };
        look = isLast ? look with { Conclusion = new CheckInTally([.. earlier.Where(one => one.Time >= registration.From), look]).Worst } : look;
        await WriteAsync(session, look, new CheckInState(look.Number, look.Time, [.. samples.Select(sample => LastRead(sample, before.Samples))], review?.Reached()) { ModuleVersion = ports.ModuleVersion }, before);

        return Result(session.Window, look, before, isLast);
    }

    /// <summary>What the next check-in would look at; nothing is asked.</summary>
    internal static ExtendedCheckIn Planned(DeploymentWindow window, DateTimeOffset now, DateTimeOffset since) => new()
    {
        Window = window,
        Number = 0,
        Time = now,
        Since = since,
        Missed = 0,
        Verdict = HealthVerdict.Inconclusive,
        Findings = [],
        IsLast = false,
        Outcome = PhaseOutcome.Planned,
        Summary = $"would look at everything since {since:u}",
    };

    private static ExtendedCheckIn Result(DeploymentWindow window, HealthLook look, CheckInState before, bool isLast) => new()
    {
        Window = window,
        Number = look.Number,
        Time = look.Time,
        Since = before.Time,
        Missed = look.Missed,
        Verdict = look.Verdict,
        Findings = look.Findings,
        IsLast = isLast,
        Outcome = PhaseOutcome.Succeeded,
        Summary = look.Summary,
    };

    private static async Task WriteAsync(WindowSession session, HealthLook look, CheckInState state, CheckInState before)
    {
        var other = before.ModuleVersion is { } version && version != state.ModuleVersion ? $", by DeployOps {state.ModuleVersion}, where the one before was by {version}" : "";
        // Both at once: a state that is older than its look would have the same stretch judged twice.
        await Task.WhenAll(
            session.AppendAsync(new JournalEntry(JournalKind.CheckIn, $"Check-in {look.Number}{(look.Missed == 0 ? "" : $", after {look.Missed} that were missed")}{other}: {look.Verdict}: {look.Summary}")
            {
                Phase = DeploymentPhase.Completion,
                Target = Target,
                Detail = JournalJson.ToNode(look),
            }),
            session.CaptureAsync(DeploymentPhase.Completion, CheckInState.CaptureName, state, $"Check-in {look.Number} read to here"));
    }

    private static MetricValue Measure(MetricSpec metric, IReadOnlyList<MetricSample> before, MetricSample now) =>
        MetricWindow.Measure(metric, [.. before.Where(sample => sample.Metric == metric.Name), now]);

    private static MetricSample LastRead(MetricSample now, IReadOnlyList<MetricSample> before) =>
        MetricWindow.Counts(now) ? now : before.FirstOrDefault(sample => sample.Metric == now.Metric && MetricWindow.Counts(sample)) ?? now;

    private static HealthFinding Judge(MetricSpec metric, MetricValue value, IReadOnlyList<MetricBaseline> baselines)
    {
        var baseline = baselines.FirstOrDefault(one => one.Metric == metric.Name);
        var judged = MetricJudge.Judge(metric, value, baseline);
        return Finding(judged) with { Value = value.Value, Baseline = baseline?.Value, Limit = metric.Limit ?? metric.Minimum };
    }

    private static HealthFinding Finding(GateResult gate) => new() { Metric = gate.Name, Verdict = gate.Verdict, Detail = gate.Detail };

    private static string Summary(List<HealthFinding> findings, VerdictTracker tracker)
    {
        var worst = findings.OrderByDescending(finding => tracker.FailingLooks(finding.Metric)).ThenBy(finding => finding.Verdict switch { GateVerdict.Fail => 0, GateVerdict.Unknown => 1, _ => 2 }).FirstOrDefault();
        return worst switch
        {
            null => "nothing is watched",
            { Verdict: GateVerdict.Pass } => $"all {findings.Count} within their limits; {worst.Metric}: {worst.Detail}",
            _ => $"{worst.Metric}: {worst.Detail}",
        };
    }

    // A later release that is on its way changes what serves: what fails now is nothing that this one is to be judged by, and nothing that clears it.
    private async Task<string?> UnderwayAsync(WindowSession session) =>
        (await WindowCatalog.LaterAsync(session, ports)).FirstOrDefault(window => window.State is WindowState.Open or WindowState.RollingBack or WindowState.RollbackFailed)?.Id;

    private static HealthFinding Excuse(HealthFinding finding, string later) =>
        finding.Verdict == GateVerdict.Fail ? finding with { Verdict = GateVerdict.Unknown, Detail = $"while {later} is on its way: {finding.Detail}" } : finding;

    private LogReview Review(MonitoringSpec spec, LogBaseline known)
    {
        var review = new LogReview(spec.Logs, ports.Redactor.Redact, staysOpen: false);
        review.Know(known);
        return review;
    }

    private async Task<IReadOnlyList<GateResult>> InstancesAsync(WindowSession session, DeploymentPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Rollout is not { } rollout || session.Facts.Captured<RolloutCapture>(RolloutFactory.CaptureName)?.After is not { } after)
        {
            return [];
        }

        var probe = new InstanceProbe(ports.Http, ports.TimeProvider);
        var gates = new List<GateResult>();
        foreach (var instance in rollout.Instances.Where(instance => after.GetValueOrDefault(instance.Name) > 0))
        {
            gates.Add(await probe.VersionGateAsync(instance, rollout, plan.Release, cancellationToken));
        }

        return gates;
    }

    private async Task<IReadOnlyList<MetricSample>> SampleAsync(MonitoringSpec spec, CancellationToken cancellationToken) =>
        spec.Metrics.Count == 0 ? [] : await ports.Adapters.OpenMetrics().SampleAsync(spec.Metrics, cancellationToken);
}

using System.Runtime.CompilerServices;
using DeployOps.Gates;
using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>
/// Watches the system after a release: one look an interval, each judged against limits and baseline, until a metric has failed for
/// <see cref="MonitoringSpec.Looks"/> looks in a row or the time is over.
/// <para>A look judges the counters' increase over the last <see cref="MonitoringSpec.Looks"/> + 1 intervals, or a longer stretch since the watch began where
/// these hold too few events, or too few to tell from luck. Where a stretch fails for trouble that the newest interval shows to be over, the look has no verdict, so a single bad
/// interval does not roll back.</para>
/// <para>It writes nothing down and changes nothing.</para>
/// </summary>
/// <param name="spec">What is watched, for how long, how often.</param>
/// <param name="source">Where counters come from.</param>
/// <param name="baselines">What the metrics were before; one that is missing here was not measured.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="checks">What else is asked at each look, such as the health of instances; each answer is tracked by its name like a metric.</param>
public sealed class HealthWatch(
    MonitoringSpec spec,
    IMetricSource source,
    IReadOnlyList<MetricBaseline> baselines,
    TimeProvider timeProvider,
    Func<CancellationToken, Task<IReadOnlyList<GateResult>>>? checks = null)
{
    /// <summary>Watches. Enumerate it once; each look is emitted as soon as it is judged, and the last one carries the conclusion.</summary>
    /// <param name="cancellationToken">Ends the watch without a conclusion.</param>
    public async IAsyncEnumerable<HealthLook> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var windows = spec.Metrics.Select(metric => new LookWindow(metric, spec.Looks, Baseline(metric))).ToList();
        var tracker = new VerdictTracker(spec.Looks);
        await SampleAsync(windows, cancellationToken);
        var began = timeProvider.GetTimestamp();
        var due = TimeSpan.Zero;
        for (var number = 1; ; number++)
        {
            due = NextLook(due, timeProvider.GetElapsedTime(began));
            await DelayAsync(due - timeProvider.GetElapsedTime(began), cancellationToken);
            await SampleAsync(windows, cancellationToken);
            var values = windows.Select(window => window.Value()).ToList();
            var findings = values.Select((value, index) => Judge(spec.Metrics[index], value, windows[index])).ToList();
            findings.AddRange(await CheckAsync(cancellationToken));
            tracker = tracker.After(findings);
            var isLast = due >= spec.Duration || tracker.Verdict == HealthVerdict.Rollback;
            yield return new HealthLook
            {
                Number = number,
                Time = timeProvider.GetUtcNow(),
                Elapsed = timeProvider.GetElapsedTime(began),
                Findings = [.. findings.Select(finding => finding with { Looks = tracker.FailingLooks(finding.Metric) })],
                Values = values,
                Verdict = tracker.Verdict,
                Conclusion = isLast ? tracker.Conclusion : null,
                Summary = Summary(findings, tracker) + (isLast && tracker is { Verdict: HealthVerdict.Healthy, Blind.Count: > 0 } ? $"; too little was seen: {string.Join("; ", tracker.Blind)}" : ""),
            };
            if (isLast)
            {
                yield break;
            }
        }
    }

    // Looks keep to the watch's own beat; where one took longer than an interval, what was missed is left out. The last is at the end exactly.
    // A timer may fire a little early, and the beat before is not looked at twice for that.
    private TimeSpan NextLook(TimeSpan last, TimeSpan elapsed)
    {
        var next = spec.Interval * (Math.Floor((elapsed > last ? elapsed : last) / spec.Interval) + 1);
        return next < spec.Duration ? next : spec.Duration;
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, timeProvider, cancellationToken) : Task.CompletedTask;

    private async Task SampleAsync(List<LookWindow> windows, CancellationToken cancellationToken)
    {
        var samples = await source.SampleAsync(spec.Metrics, cancellationToken);
        for (var i = 0; i < windows.Count; i++)
        {
            windows[i].Add(samples.FirstOrDefault(sample => sample.Metric == spec.Metrics[i].Name)
                ?? new MetricSample { Metric = spec.Metrics[i].Name, Time = timeProvider.GetUtcNow(), Error = "the source gave no sample" });
        }
    }

    private async Task<IEnumerable<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var results = checks is null ? [] : await checks(cancellationToken);
        return results.Select(result => new HealthFinding { Metric = result.Name, Verdict = result.Verdict, Detail = result.Detail, IsBlind = result.Verdict == GateVerdict.Unknown });
    }

    private HealthFinding Judge(MetricSpec metric, MetricValue value, LookWindow window)
    {
        var baseline = Baseline(metric);
        var judged = MetricJudge.Judge(metric, value, baseline);
        if (judged.Verdict == GateVerdict.Fail && window.Recovery(value) is { } newest)
        {
            judged = GateResult.Unknown(metric.Name, $"{judged.Detail}; recovering: {newest.Text}");
        }

        return new HealthFinding
        {
            Metric = metric.Name,
            Verdict = judged.Verdict,
            Detail = judged.Detail,
            Value = value.Value,
            Baseline = baseline?.Value,
            Limit = metric.Limit ?? metric.Minimum,
            IsBlind = window.IsBlind,
        };
    }

    private MetricBaseline? Baseline(MetricSpec metric) => baselines.FirstOrDefault(baseline => baseline.Metric == metric.Name);

    private string Summary(List<HealthFinding> findings, VerdictTracker tracker)
    {
        var worst = findings
            .OrderByDescending(finding => tracker.FailingLooks(finding.Metric))
            .ThenBy(finding => finding.Verdict switch { GateVerdict.Fail => 0, GateVerdict.Unknown => 1, _ => 2 })
            .FirstOrDefault();
        if (worst is null)
        {
            return "nothing is watched";
        }

        var failing = tracker.FailingLooks(worst.Metric);
        var passed = findings.Count(finding => finding.Verdict == GateVerdict.Pass);
        return passed == findings.Count
            ? $"all {passed} within their limits; {worst.Metric}: {worst.Detail}"
            : $"{worst.Metric}: {worst.Detail}{(failing > 0 ? $" ({failing} of {spec.Looks} looks)" : "")}";
    }
}

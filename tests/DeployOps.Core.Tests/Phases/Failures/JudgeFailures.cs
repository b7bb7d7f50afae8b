using DeployOps.Core.Tests.Support;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Smoke;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class JudgeFailures
{
    /// <summary>A watch of one metric, by which a look is not well at once.</summary>
    internal const string Watched = """
        Monitoring = @{ Duration = '00:00:06'; Interval = '00:00:02'; Baseline = '00:00:00'; Looks = 1
                        Metrics = @( @{ Name = '5xx ratio'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:9/metrics'; Measure = 'Ratio'; Numerator = 'bad'; Denominator = 'requests'; Limit = 0.05; MinimumCount = 10 } ) }
        """;

    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("smoke: a check fails, automatic", "SmokeFailed", stage => SmokeAsync(stage, "When = 'Automatic'", stage.Smoke(_ => new Reply(500))), """
            Smoke of shop-2.4.0-1 failed: 1 smoke tests: 1 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back, all traffic after #.
            Next: Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("smoke: a check fails, never", "SmokeFailed", stage => SmokeAsync(stage, Stage.Never, stage.Smoke(_ => new Reply(500))), """
            Smoke of shop-2.4.0-1 failed: 1 smoke tests: 1 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Test-Smoke
            """),
        new("smoke: all fail", "SmokeFailed", stage => SmokeAsync(stage, Stage.Never, stage.Smoke(_ => new Reply(500), files: 2)), """
            Smoke of shop-2.4.0-1 failed: 2 smoke tests: 2 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Test-Smoke
            """),
        new("smoke: a server cannot be reached", "SmokeFailed", stage => SmokeAsync(stage, Stage.Never, stage.SmokeAt($"http://127.0.0.1:{LoopbackServer.FreePort()}")), """
            Smoke of shop-2.4.0-1 failed: none of the 1 smoke tests could run: the target cannot be reached from here (~/smoke/1.hurl:1 no connection: Connection refused).
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Test-Smoke
            """),
        new("smoke: another terminal holds the environment", "SmokeFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(more: stage.Smoke(_ => new Reply(500)));
            using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
            return await Stage.ErrorAsync(release, new SmokePhase());
        }, """
            Smoke of shop-2.4.0-1 failed: 1 smoke tests: 1 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200. It did not go back by itself: ~/home/shop/production is held by observer (process # on #, since # UTC).
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Wait for it. What goes on there: Get-DeploymentWindow -Open -Service shop -Environment production; where that has to end, Stop-DeploymentWindow, and Invoke-Rollback, which takes the release back, ask it to give way. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Test-Smoke
            """),
        new("monitoring: a limit is exceeded, automatic", "HealthDegraded", stage => WatchAsync(stage, "When = 'Automatic'", (30, 100)), """
            Monitoring of shop-2.4.0-1 failed: 5xx ratio: 30.00 % of 100 in #; limit 5 % exceeded (1 of 1 looks).
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back, all traffic after #.
            Next: Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("monitoring: a limit is exceeded, never", "HealthDegraded", stage => WatchAsync(stage, Stage.Never, (30, 100)), """
            Monitoring of shop-2.4.0-1 failed: 5xx ratio: 30.00 % of 100 in #; limit 5 % exceeded (1 of 1 looks).
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Watch-DeploymentHealth
            """),
        new("monitoring: a ratio to the baseline has no baseline", "EvidenceMissing", stage => WatchAsync(stage, "When = 'Automatic'", (0, 100), Watched.Replace("Limit = 0.05", "BaselineRatio = 2.0").Replace("Baseline = '00:00:00'", "Baseline = '00:00:01'")), """
            Monitoring of shop-2.4.0-1 is inconclusive: 5xx ratio: 0.00 % of 200 in #; no baseline to compare with.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Bring the evidence back, then run it again: Get-DeploymentWindow shop-2.4.0-1 | Watch-DeploymentHealth; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("monitoring: too few events", "EvidenceMissing", stage => WatchAsync(stage, "When = 'Automatic'", (0, 1)), """
            Monitoring of shop-2.4.0-1 is inconclusive: 5xx ratio: 0.00 % of 3 in #; too few to judge, 10 are needed.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Bring the evidence back, then run it again: Get-DeploymentWindow shop-2.4.0-1 | Watch-DeploymentHealth; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("monitoring: the source is not reachable", "EvidenceMissing", stage => WatchAsync(stage, "When = 'Automatic'", null), """
            Monitoring of shop-2.4.0-1 is inconclusive: 5xx ratio: could not be read: http://127.0.0.1:9/metrics: connection refused.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Bring the evidence back, then run it again: Get-DeploymentWindow shop-2.4.0-1 | Watch-DeploymentHealth; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("monitoring: watched for less than the plan says", "WatchShortened", async stage =>
        {
            var release = await stage.RolledOutAsync(more: Watched);
            return await Stage.ErrorAsync(release, new WatchPhase(_ => Task.CompletedTask, duration: TimeSpan.FromSeconds(1)));
        }, """
            Monitoring of shop-2.4.0-1 did not begin: -Duration 00:00:01 is shorter than the 00:00:06 of the plan: less would be seen than was approved.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Leave -Duration out, or give a reason with -Deviation; nothing was begun. Get-DeploymentWindow shop-2.4.0-1 | Watch-DeploymentHealth; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
    ];

    private static async Task<DeployOpsException> SmokeAsync(Stage stage, string rollback, string smoke)
    {
        var release = await stage.RolledOutAsync(rollback, more: smoke);
        return await Stage.ErrorAsync(release, new SmokePhase());
    }

    private static async Task<DeployOpsException> WatchAsync(Stage stage, string rollback, (double Hits, double All)? beat, string watched = Watched)
    {
        var release = await stage.RolledOutAsync(rollback, more: watched);
        release.Metrics = new GrowingSource(beat);
        return await Stage.WatchAsync(release);
    }

    /// <summary>Counters that grow by so much at each look, or a page that cannot be read.</summary>
    internal sealed class GrowingSource((double Hits, double All)? beat) : IMetricSource
    {
        private int looks;

        public Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
        {
            looks++;
            var sample = new MetricSample { Metric = metrics[0].Name, Time = ScaledTime.Day.AddSeconds(2 * looks), Error = beat is null ? "http://127.0.0.1:9/metrics: connection refused" : null };
            return Task.FromResult<IReadOnlyList<MetricSample>>([beat is not { } grow ? sample : sample with
            {
                Series = [new SeriesValue(SeriesRole.Numerator, "bad", looks * grow.Hits), new SeriesValue(SeriesRole.Denominator, "all", looks * grow.All)],
            }]);
        }
    }
}

using DeployOps.Core.Tests.Support;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Health;

/// <summary>A watch by other times than the plan's: less than was approved needs a reason, more does not.</summary>
public sealed class WatchShortfallTests : IDisposable
{
    private const string Watched = """
        Monitoring = @{ Duration = '00:10:00'; Interval = '00:01:00'; Baseline = '00:00:00'
                        Metrics = @( @{ Name = '5xx ratio'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:9/metrics'; Measure = 'Ratio'; Numerator = 'bad'; Denominator = 'requests'; Limit = 0.05 } ) }
        """;

    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Theory]
    [InlineData("00:09:59", null, "-Duration 00:09:59 is shorter than the 00:10:00 of the plan")]
    [InlineData(null, "00:01:01", "-Interval 00:01:01 is longer than the 00:01:00 of the plan")]
    public async Task Less_than_the_plan_says_is_refused_without_a_reason(string? duration, string? interval, string fact)
    {
        var release = await OpenAsync();

        var error = await Errors.OfAsync(() => PrepareAsync(release, duration, interval), "WatchShortened");
        var reasoned = await PrepareAsync(release, duration, interval, "we have looked long enough");

        error.Message.ShouldContain(fact);
        reasoned.Result.Outcome.ShouldBe(PhaseOutcome.Planned);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("00:10:00", "00:01:00")]
    [InlineData("00:20:00", "00:00:10")]
    public async Task As_much_as_the_plan_says_or_more_needs_no_reason(string? duration, string? interval) =>
        (await PrepareAsync(await OpenAsync(), duration, interval)).Result.Outcome.ShouldBe(PhaseOutcome.Planned);

    [Fact]
    public async Task The_reason_stands_in_the_journal()
    {
        var release = await OpenAsync();
        release.Metrics = new NoSource();

        var ending = await release.RunAsync(new WatchPhase(_ => Task.CompletedTask, TimeSpan.FromSeconds(1)), deviation: "the night is short");

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Inconclusive);
        (await release.RecordsAsync()).Single(record => record.Target == "WatchShortened").Message.ShouldBe(
            "the night is short (against WatchShortened: -Duration 00:00:01 is shorter than the 00:10:00 of the plan: less would be seen than was approved.)");
    }

    [Fact]
    public async Task A_dry_run_is_told_what_the_real_one_would_be()
    {
        var release = await OpenAsync();
        var planned = (await release.WindowAsync()) with { State = WindowState.Planned, Folder = "" };

        await Errors.OfAsync(() => new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(planned, Watch("00:00:10", null), CancellationToken.None), "WatchShortened");
    }

    private static WatchPhase Watch(string? duration, string? interval) => new(_ => Task.CompletedTask, Time(duration), Time(interval));

    private static TimeSpan? Time(string? text) => text is null ? null : TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<PreparedPhase<HealthCheckIn>> PrepareAsync(Release release, string? duration, string? interval, string? deviation = null) =>
        await new PhaseRunner(release.Ports(), new SilentReporter(), deviation).PrepareAsync(await release.WindowAsync(), Watch(duration, interval), CancellationToken.None);

    private async Task<Release> OpenAsync()
    {
        opened = await Release.OpenAsync(more: Watched);
        await opened.EndPhaseAsync(DeploymentPhase.Rollout, PhaseOutcome.Succeeded);
        return opened;
    }

    private sealed class NoSource : IMetricSource
    {
        public Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<MetricSample>>([]);
    }
}

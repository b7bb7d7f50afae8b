using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Core.Tests.Support;
using DeployOps.Health.Logs;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>A completed release of the shop that is looked after, by a clock that is moved from one check-in to the next.</summary>
public abstract class CompletedShop : IDisposable
{
    private protected const string Monitoring = """
        Monitoring = @{ Logs = @( 'logs/*.log' ); Metrics = @( @{ Name = 'errors'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:1/metrics'; Measure = 'Ratio'; Numerator = 'bad'; Denominator = 'all'; Limit = 0.05 } ) }
        ExtendedMonitoring = @{ Duration = '1.00:00:00'; Every = '00:30:00' }
        """;

    private protected Counters Counters { get; } = new();

    private protected ScriptedReporter Reporter { get; } = new();

    private protected Release? Opened { get; set; }

    public void Dispose()
    {
        Opened?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static CheckInOrder Order() => new() { Scheduler = CheckInScheduler.None, Command = new CheckInCommandLine(["pwsh", "check-in.ps1", "-Id", "shop-2.4.0-1"], new Dictionary<string, string>()) };

    private protected static void Log(Release release, string line) => File.AppendAllText(Path.Combine(release.Root, "logs", "app.log"), line + "\n");

    private protected CheckInDesk Desk(Release release) => new(release.Ports(), Reporter);

    private protected async Task<ExtendedCheckIn> CheckInAsync(Release release) => await Desk(release).CheckInAsync(await release.WindowAsync(), CancellationToken.None);

    private protected async Task<ExtendedMonitoring> RegisterAsync(Release release)
    {
        var (planned, schedule) = await Desk(release).PlanAsync(await release.WindowAsync(), Order());
        return await Desk(release).RegisterAsync(planned, schedule, CancellationToken.None);
    }

    private protected void Pass(Release release, TimeSpan time)
    {
        release.Clock.Shift += time;
        Counters.Clock = release.Clock;
    }

    private protected async Task<Release> RegisteredAsync(string more = "", Dictionary<string, string>? variables = null)
    {
        var release = await CompletedAsync(more, variables);
        await RegisterAsync(release);
        return release;
    }

    private protected async Task<Release> CompletedAsync(string more, Dictionary<string, string>? variables = null, string monitoring = Monitoring)
    {
        var release = await RolledOutAsync(more, variables, monitoring);
        foreach (var phase in new[] { DeploymentPhase.Monitoring, DeploymentPhase.Completion })
        {
            await release.EndPhaseAsync(phase, PhaseOutcome.Succeeded);
        }

        release.Shop.Forget();
        return release;
    }

    private protected async Task<Release> RolledOutAsync(string more, Dictionary<string, string>? variables, string monitoring)
    {
        var release = Opened = await Release.OpenAsync(more: $"{monitoring}\n{more}", faster: 1, variables: variables);
        release.Metrics = Counters;
        Counters.Clock = release.Clock;
        release.Write("logs/app.log", "2026-03-05T19:00:00Z Error Cart: customer 7 did not answer\n");
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var logs = new LogReview([Path.Combine(release.Root, "logs", "*.log")], line => line).Learn();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "logs read") { Phase = DeploymentPhase.Preparation, Target = LogReview.Name, Detail = JournalJson.ToNode(logs) });

        return release;
    }

}

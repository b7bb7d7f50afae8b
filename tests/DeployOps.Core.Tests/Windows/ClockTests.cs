using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Reports.Html;
using DeployOps.Rollbacks;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Core.Tests.Windows;

/// <summary>A clock that goes backwards, between records and between runs.</summary>
public sealed class ClockTests : IDisposable
{
    private static readonly TimeSpan Hours = TimeSpan.FromHours(3);

    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task A_phase_during_which_the_clock_goes_back_ends_after_it_began_and_took_no_negative_time()
    {
        var release = await OpenAsync();
        release.Clock.Shift += Hours;

        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, context =>
        {
            release.Clock.Shift -= Hours + Hours;
            return Task.FromResult(PhaseOutcome.Succeeded);
        }), deviation: "the window is over");

        var facts = await release.FactsAsync();
        ending.Result.Duration.ShouldBeGreaterThan(TimeSpan.Zero);
        facts.Phase(DeploymentPhase.Rollout)!.EndedAt!.Value.ShouldBeGreaterThanOrEqualTo(facts.Phase(DeploymentPhase.Rollout)!.StartedAt);
        var times = (await release.RecordsAsync()).Select(record => record.Time).ToList();
        times.ShouldBe(times.Order());
        var page = HtmlPage.Render(ReportContent.Read(await release.WindowAsync(), facts, await release.RecordsAsync(), release.Clock.GetUtcNow()));
        System.Text.RegularExpressions.Regex.IsMatch(page, @">\s*-[0-9]|width:-").ShouldBeFalse("a report of negative times");
    }

    [Fact]
    public async Task A_window_that_ended_by_its_own_log_stays_ended_when_the_clock_is_set_back()
    {
        var release = await OpenAsync();
        release.Clock.Shift += Hours;
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Note, "it is late"));
        release.Clock.Shift -= Hours;

        var error = await Errors.OfAsync(() => release.RunAsync(new FakePhase(DeploymentPhase.Rollout, _ => Task.FromResult(PhaseOutcome.Succeeded))), "WindowExpired");

        error.Message.ShouldContain("-Deviation");
    }

    [Fact]
    public async Task The_newest_window_is_the_one_that_was_opened_last_whatever_the_clocks_said()
    {
        var release = await OpenAsync();
        var earlier = release.Folder;
        var later = Path.Combine(Path.GetDirectoryName(earlier)!, "shop-2.5.0-1");
        Directory.CreateDirectory(later);
        release.Clock.Shift -= Hours;
        var opening = (await release.FactsAsync()).Opening with { Id = "shop-2.5.0-1", Release = "2.5.0" };
        await new JournalFile(later, release.Ports().JournalThread, release.Ports().Redactor, release.Clock).AppendAsync(
            new JournalEntry(JournalKind.WindowOpened, "opened") { Phase = DeploymentPhase.Preparation, Detail = JournalJson.ToNode(opening) }, epoch: 1);

        var window = await release.WindowAsync();
        var error = await Errors.OfAsync(() => new RollbackStarter(release.Ports(), new SilentReporter()).PlanAsync(window), "WindowOvertaken");

        error.Message.ShouldContain("shop-2.5.0-1 was opened after it");
        (await WindowCatalog.OfEnvironmentAsync(release.EnvironmentFolder, release.Ports())).Select(pair => pair.Window.Id).ShouldBe(["shop-2.5.0-1", "shop-2.4.0-1"]);
    }

    private async Task<Release> OpenAsync() => opened = await Release.OpenAsync(duration: TimeSpan.FromHours(2));
}

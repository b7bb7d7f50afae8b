using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Reports;

public sealed class CompletionPhaseTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task The_old_instances_are_stopped_and_the_window_is_complete()
    {
        var release = await RolledOutAsync();

        var ending = await release.RunAsync(new CompletionPhase());

        ending.Error.ShouldBeNull();
        ending.Result.Retired.ShouldBe(["blue-1: 2.3.0 -> stopped"]);
        release.Shop.Acts.ShouldBe(["stop blue-1"]);
        (await release.WindowAsync()).State.ShouldBe(WindowState.Completed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_old_instance_that_was_about_to_be_stopped_and_still_runs_is_stopped(bool isHealthy)
    {
        var release = await RolledOutAsync();
        await IntendAsync(release, "retire/blue-1");
        release.Shop.Blue.IsHealthy = isHealthy;

        var ending = await release.RunAsync(new CompletionPhase());

        ending.Error.ShouldBeNull();
        release.Shop.Acts.ShouldBe(["stop blue-1"]);
    }

    [Fact]
    public async Task An_old_instance_that_was_stopped_before_a_crash_is_not_stopped_again()
    {
        var release = await RolledOutAsync();
        await IntendAsync(release, "retire/blue-1");
        release.Shop.Blue.Version = null;

        var ending = await release.RunAsync(new CompletionPhase());

        ending.Error.ShouldBeNull();
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_completed_leaves_a_release_that_has_passed_serving()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.InFlight = 1;

        var failed = await release.RunAsync(new CompletionPhase());
        var weights = (release.Shop.Blue.Weight, release.Shop.Green.Weight);
        release.Shop.Blue.InFlight = 0;
        var again = await release.RunAsync(new CompletionPhase());

        failed.Error!.ErrorId.ShouldBe("InstanceNotDrained");
        failed.Error.Message.ShouldContain("2.4.0 has passed and serves");
        failed.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        failed.Result.Window!.State.ShouldBe(WindowState.Open);
        weights.ShouldBe((0, 100));
        again.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.ShouldBe(["stop blue-1"]);
    }

    [Fact]
    public async Task Completed_over_phases_that_did_not_pass_it_names_them_and_the_reason()
    {
        opened = await Release.OpenAsync(more: "Smoke = @( 'smoke.hurl' )", files: ("smoke.hurl", "GET http://127.0.0.1:8102/\nHTTP 200\n"));
        (await opened.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        await opened.EndPhaseAsync(DeploymentPhase.Smoke, PhaseOutcome.Failed);

        var refused = await Should.ThrowAsync<DeployOpsException>(() => opened.RunAsync(new CompletionPhase()));
        var ending = await opened.RunAsync(new CompletionPhase(), deviation: "the board agreed");

        refused.ErrorId.ShouldBe("PhaseOutOfOrder");
        ending.Error.ShouldBeNull();
        ending.Result.Summary.ShouldBe("not every phase passed: Smoke ended Failed; completed by deviation: the board agreed; 1 old instance stopped");
        ending.Result.NotPassed.ShouldBe(["Smoke ended Failed"]);
        ending.Result.Deviation.ShouldBe("the board agreed");
        var report = await File.ReadAllTextAsync(ending.Result.ReportPath, TestContext.Current.CancellationToken);
        report.ShouldContain("Completed by deviation");
        report.ShouldContain("2.4.0 is live in production: not every phase passed. Smoke ended Failed. Completed all the same: the board agreed.");
        report.ShouldNotContain("Released");
    }

    [Fact]
    public async Task What_is_planned_tells_of_the_check_ins_that_will_be_registered()
    {
        opened = await Release.OpenAsync(more: "ExtendedMonitoring = @{ Duration = '1.00:00:00'; Every = '00:30:00' }");
        (await opened.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        var planned = await new PhaseRunner(opened.Ports(), new SilentReporter(), null).PrepareAsync(await opened.WindowAsync(), new CompletionPhase(), CancellationToken.None);

        planned.Result.Summary.ShouldMatch("^stop 1 old instance: .*; write the report; the window ends; (Systemd|Cron|TaskScheduler|nothing on this machine) starts check-ins every 00:30:00 for 1.00:00:00$");
    }

    public void Dispose() => opened?.Dispose();

    private static Task IntendAsync(Release release, string key) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, key)
    {
        Phase = DeploymentPhase.Completion,
        Target = key,
        Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
    });

    private async Task<Release> RolledOutAsync()
    {
        opened = await Release.OpenAsync();
        (await opened.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        opened.Shop.Forget();
        return opened;
    }
}

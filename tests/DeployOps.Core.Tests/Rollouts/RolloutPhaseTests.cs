using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollouts;

public sealed class RolloutPhaseTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task An_instance_that_got_traffic_since_the_preparation_is_not_touched()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", prepared: false);
        await release.RunAsync(new FakePhase(DeploymentPhase.Preparation, async context =>
        {
            await RolloutFactory.CaptureAsync(context);
            return PhaseOutcome.Succeeded;
        }));
        (release.Shop.Blue.Weight, release.Shop.Green.Weight) = (0, 100);
        release.Shop.Forget();

        var (result, error) = await release.RunAsync(new RolloutPhase());

        result.Outcome.ShouldBe(PhaseOutcome.Failed);
        error!.ErrorId.ShouldBe("InstanceUnderTraffic");
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_idle_pool_gets_the_release_before_the_traffic_moves_and_the_old_one_stays()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error.ShouldBeNull();
        ending.Result.From.ShouldBe("2.3.0");
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "weights blue-1 0, green-1 100"]);
        release.Shop.Blue.Version.ShouldBe("2.3.0");
        release.Shop.Losses.ShouldBeEmpty();
        (await release.FactsAsync()).Captured<RolloutCapture>("rollout")!.Weights["blue-1"].ShouldBe(100);
    }

    [Fact]
    public async Task Planned_it_touches_nothing()
    {
        var release = await OpenAsync();

        var prepared = await new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(await release.WindowAsync(), new RolloutPhase(), CancellationToken.None);

        prepared.Result.Steps.ShouldBe(["green-1: stopped -> 2.4.0", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1"]);
        release.Shop.Acts.ShouldBeEmpty();
        (await release.FactsAsync()).Captured<RolloutCapture>("rollout").ShouldBeNull();
    }

    [Fact]
    public async Task Where_another_program_listens_at_an_idle_instances_address_nothing_is_begun()
    {
        var release = await OpenAsync();
        release.Shop.Green.IsTaken = true;

        var error = await Errors.OfAsync(() => release.RunAsync(new RolloutPhase()), "InstanceAddressTaken");

        error.Message.ShouldContain("green-1 has no traffic, and something answers at its address without a version: http://127.0.0.1:8102/version: status 404.");
        release.Shop.Acts.ShouldBeEmpty();
        (await release.FactsAsync()).State.ShouldBe(WindowState.Open);
    }

    [Fact]
    public async Task A_build_that_serves_another_version_gets_no_traffic_and_is_stopped_again()
    {
        var release = await OpenAsync();
        release.Shop.Build = version => version == "2.4.0" ? "2.3.9" : version;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("InstanceVersionWrong");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_ill_build_gets_no_traffic()
    {
        var release = await OpenAsync();
        release.Shop.Green.IsHealthy = false;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("InstanceUnhealthy");
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "stop green-1"]);
        release.Shop.Blue.Weight.ShouldBe(100);
    }

    [Fact]
    public async Task A_router_that_refuses_leaves_the_old_version_with_its_traffic()
    {
        var release = await OpenAsync();
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 0, green-1 100" ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("RouterUnreachable");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "weights blue-1 100, green-1 0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_earlier_run_did_is_not_done_again()
    {
        var release = await OpenAsync(rollback: "When = 'Never'");
        var refuse = true;
        release.Shop.BeforeAct = (act, _) => refuse && act.StartsWith("weights", StringComparison.Ordinal) ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase());
        refuse = false;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "weights blue-1 0, green-1 100"]);
    }

    [Theory]
    [InlineData("2.4.0", new[] { "weights blue-1 0, green-1 100" })]
    [InlineData(null, new[] { "deploy green-1 2.4.0", "weights blue-1 0, green-1 100" })]
    public async Task A_deployment_nobody_saw_end_is_probed(string? found, string[] acts)
    {
        var release = await OpenAsync();
        await IntendAsync(release, "deploy/green-1");
        release.Shop.Green.Version = found;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.ShouldBe(acts);
    }

    [Fact]
    public async Task Traffic_nobody_saw_arrive_is_found_there()
    {
        var release = await OpenAsync();
        await release.RunAsync(new RolloutPhase());
        release.Shop.Forget();
        await IntendAsync(release, "traffic");
        await release.EndPhaseAsync(DeploymentPhase.Rollout, PhaseOutcome.Cancelled);

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelled_in_the_script_it_stays_begun_and_nothing_goes_back()
    {
        var release = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        release.Shop.BeforeAct = async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
        };

        var ending = await release.RunAsync(new RolloutPhase(), cancellationToken: cancel.Token);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Cancelled);
        (await release.FactsAsync()).Step("deploy/green-1")!.State.ShouldBe(StepState.Intended);
        release.Shop.Acts.ShouldBeEmpty();
    }

    public void Dispose() => opened?.Dispose();

    private static Task IntendAsync(Release release, string key) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, key)
    {
        Phase = DeploymentPhase.Rollout,
        Target = key,
        Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
    });

    private async Task<Release> OpenAsync(string rollback = "When = 'Automatic'") => opened = await Release.OpenAsync(rollback);
}

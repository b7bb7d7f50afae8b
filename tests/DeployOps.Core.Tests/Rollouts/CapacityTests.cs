using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Preparation;
using DeployOps.Reports;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollouts;

/// <summary>What was healthy once is looked at again before anything depends on it.</summary>
public sealed class CapacityTests : IDisposable
{
    private static readonly string OneForTwo = $"Strategy = 'BlueGreen'; Instances = @( {Instance("blue-1", "blue", 8101)}, {Instance("red-1", "blue", 8103)}, {Instance("green-1", "green", 8102)} )";

    private static readonly string TwoAPool =
        $"Strategy = 'BlueGreen'; Instances = @( {Instance("blue-1", "blue", 8101)}, {Instance("red-1", "blue", 8103)}, {Instance("green-1", "green", 8102)}, {Instance("white-1", "green", 8104)} )";

    private Release? opened;

    [Fact]
    public async Task A_new_instance_that_died_since_it_was_deployed_is_started_again_before_traffic_moves_to_it()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'");
        using var cancel = new CancellationTokenSource();
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 0, green-1 100" ? cancel.CancelAsync() : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase(), cancellationToken: cancel.Token);
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Blue.Weight = 100;
        release.Shop.Green.Weight = 0;
        release.Shop.Green.Version = null;
        release.Shop.Forget();

        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();

        release.Shop.Acts.ShouldBe(["deploy green-1 2.4.0", "weights blue-1 0, green-1 100"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_old_version_is_not_stopped_while_the_new_one_does_not_answer()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'");
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
        release.Shop.Green.IsHealthy = false;
        release.Shop.Forget();

        var ending = await release.RunAsync(new CompletionPhase());

        ending.Error!.ErrorId.ShouldBe("NewVersionUnwell");
        ending.Error.Message.ShouldContain("blue-1 is not stopped: green-1 does not answer as a healthy 2.4.0 any more.");
        release.Shop.Acts.ShouldBeEmpty();
        release.Shop.Blue.Version.ShouldBe("2.3.0");
    }

    [Fact]
    public async Task An_old_instance_that_is_lost_keeps_traffic_where_it_is_until_somebody_accepts_to_go_back_without_it()
    {
        var release = await RolledOutWithTwoAsync();
        release.Shop.Build = version => version == "2.3.0" ? null : version;
        release.Shop.Forget();

        var refused = await release.GoBackToldAsync();

        refused.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        refused.Error!.Message.ShouldContain("1 of 2 instances that carried the old version cannot be made to serve it, and traffic is where it was. red-1: ");
        refused.Error.Message.ShouldEndWith("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -AcceptLessCapacity");
        release.Shop.Acts.ShouldAllBe(act => !act.StartsWith("weights", StringComparison.Ordinal));

        var accepted = await release.GoBackToldAsync(acceptLessCapacity: true);

        accepted.Error.ShouldBeNull();
        accepted.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldContain("weights blue-1 100, green-1 0, red-1 0, white-1 0");
        release.Shop.Losses.ShouldBeEmpty();
        (await release.RecordsAsync()).ShouldContain(record => record.Message.Contains("without red-1, as was accepted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_no_old_instance_can_serve_nobody_can_accept_that()
    {
        var release = await RolledOutWithTwoAsync();
        release.Shop.Blue.IsHealthy = false;
        release.Shop.Build = version => version == "2.3.0" ? null : version;
        release.Shop.Forget();

        var refused = await release.GoBackToldAsync(acceptLessCapacity: true);

        refused.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        refused.Error!.Message.ShouldContain("2 of 2 instances that carried the old version cannot be made to serve it");
        release.Shop.Acts.ShouldAllBe(act => !act.StartsWith("weights", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_traffic_moves_to_fewer_instances_only_with_a_reason()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", prepared: false, rollout: OneForTwo);
        release.Shop.More.Add(("red-1", 8103, new FakeInstance { Version = "2.3.0", Weight = 100 }));

        var refused = await release.RunAsync(new PreparationPhase());

        refused.Error!.ErrorId.ShouldBe("RolloutCapacityLess");
        refused.Error.Message.ShouldContain("2 instances carry the traffic (blue-1, red-1), and the new version gets 1 (green-1).");
        (await release.RunAsync(new PreparationPhase(), deviation: "green-1 is twice the machine")).Error.ShouldBeNull();
        (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.Deviation && record.Message.StartsWith("green-1 is twice the machine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_is_foreseen_before_a_window_is_opened()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", prepared: false, rollout: OneForTwo);
        release.Shop.More.Add(("red-1", 8103, new FakeInstance { Version = "2.3.0", Weight = 100 }));
        Directory.Delete(release.Folder, recursive: true);

        var refused = await Should.ThrowAsync<DeployOpsException>(PlanAsync(release, null));
        var planned = await PlanAsync(release, "green-1 is twice the machine");
        release.Shop.Blue.Weight = 0;
        var enough = await PlanAsync(release, null);

        refused.ErrorId.ShouldBe("RolloutCapacityLess");
        refused.Message.ShouldContain("2 instances carry the traffic (blue-1, red-1), and the new version gets 1 (green-1).");
        planned.Preparation.Checks.ShouldContain("go on against RolloutCapacityLess: 2 instances carry the traffic (blue-1, red-1), and the new version gets 1 (green-1).");
        enough.Preparation.Checks.ShouldAllBe(check => !check.Contains("RolloutCapacityLess", StringComparison.Ordinal));
        release.Shop.Acts.ShouldBeEmpty();
        Directory.Exists(release.Folder).ShouldBeFalse();
    }

    [Fact]
    public async Task A_plan_with_a_smaller_pool_is_warned_of_when_it_is_tested()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", prepared: false, rollout: OneForTwo);

        var warning = new PlanTester(release.Ports()).Test(release.PlanPath).Warnings.ShouldHaveSingleItem();

        warning.ToString().ShouldContain("Rollout.Instances has fewer instances in green than in another pool: ");
    }

    public void Dispose() => opened?.Dispose();

    private static async Task<PreparedWindow> PlanAsync(Release release, string? deviation)
    {
        var ports = release.Ports();
        var plan = WindowPlan.OnDisk(release.PlanPath, ports);
        ApprovalFile.Write(release.PlanPath, PlanApproval.Approve(plan.Plan, plan.Files, new OperatorIdentity("release-lead", "desk"), ports.TimeProvider.GetUtcNow()));
        return await new WindowOpener(ports, new SilentReporter(), new StartRequest { PlanPath = release.PlanPath, StartedFrom = "", Team = new Dictionary<string, string> { ["Monitor"] = "observer" }, Deviation = deviation })
            .PrepareAsync(TestContext.Current.CancellationToken);
    }

    // Afterwards the host of red-1 is lost.
    private async Task<Release> RolledOutWithTwoAsync()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", rollout: TwoAPool);
        var red = new FakeInstance { Version = "2.3.0", Weight = 100 };
        release.Shop.More.Add(("red-1", 8103, red));
        release.Shop.More.Add(("white-1", 8104, new FakeInstance()));
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
        red.Version = null;
        return release;
    }

    private static string Instance(string name, string pool, int port) => $"@{{ Name = '{name}'; Pool = '{pool}'; Uri = 'http://127.0.0.1:{port}' }}";
}

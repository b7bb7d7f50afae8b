using DeployOps.Core.Tests.Support;
using DeployOps.Phases;
using DeployOps.Production;
using DeployOps.Reports;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollouts;

/// <summary>A rolling rollout of four instances, forward and back.</summary>
public sealed class RollingRolloutTests : IDisposable
{
    private static readonly string[] Names = ["blue-1", "green-1", "red-1", "white-1"];

    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task One_after_another_is_taken_out_changed_and_let_in_again()
    {
        var release = await OpenAsync();

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error.ShouldBeNull();
        ending.Result.Summary.ShouldBe("2.3.0 -> 2.4.0 on 4 instances; in 4 batches");
        release.Shop.Acts.ShouldBe(Names.SelectMany(name => new[] { $"weights {name} 0", $"deploy {name} 2.4.0", $"weights {name} 100" }));
        release.Shop.Losses.ShouldBeEmpty();
        ProductionState.Of(await release.FactsAsync()).Traffic.ShouldBe("2.4.0 serves everything (blue-1 100, green-1 100, red-1 100, white-1 100)");
    }

    [Fact]
    public async Task A_batch_is_taken_out_together()
    {
        var release = await OpenAsync("Batch = 2;");

        await release.RunAsync(new RolloutPhase());

        release.Shop.Acts.Take(6).ShouldBe(["weights blue-1 0", "weights green-1 0", "deploy blue-1 2.4.0", "deploy green-1 2.4.0", "weights blue-1 100", "weights green-1 100"]);
    }

    [Fact]
    public async Task Planned_it_touches_nothing()
    {
        var release = await OpenAsync();

        var prepared = await new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(await release.WindowAsync(), new RolloutPhase(), CancellationToken.None);

        prepared.Result.Steps.Take(3).ShouldBe(["blue-1: out of the traffic", "blue-1: 2.3.0 -> 2.4.0", "blue-1: 2.4.0 in the traffic, weight 100"]);
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Going_back_takes_the_last_first_and_leaves_the_old_version_everywhere()
    {
        var release = await RolledOutAsync();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(Names.Reverse().SelectMany(name => new[] { $"weights {name} 0", $"deploy {name} 2.3.0", $"weights {name} 100" }));
        release.Shop.Losses.ShouldBeEmpty();
        result.TrafficBackAfter.ShouldNotBeNull();
        ProductionState.Of(await release.FactsAsync()).Traffic.ShouldBe("2.3.0 serves everything (blue-1 100, green-1 100, red-1 100, white-1 100)");
    }

    [Fact]
    public async Task A_version_that_is_ill_is_met_by_nobody_and_goes_no_further_than_the_first()
    {
        var release = await OpenAsync();
        release.Shop.Build = version => version == "2.4.0" ? null : version;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("InstanceUnhealthy");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["weights blue-1 0", "deploy blue-1 2.4.0", "deploy blue-1 2.3.0", "weights blue-1 100"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_taken_out_while_one_of_the_others_is_ill()
    {
        var release = await OpenAsync("", "When = 'Never'");
        release.Shop.More[0].Instance.IsHealthy = false;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("CapacityMissing");
        ending.Error.Message.ShouldContain("red-1 carries traffic and does not answer as a healthy 2.3.0 or 2.4.0.");
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_instance_with_requests_in_flight_is_not_changed_and_gets_its_traffic_back()
    {
        var release = await OpenAsync();
        release.Shop.Blue.InFlight = 2;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Error!.ErrorId.ShouldBe("InstanceNotDrained");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["weights blue-1 0", "weights blue-1 100"]);
    }

    [Fact]
    public async Task What_production_is_in_halfway_is_told_by_version()
    {
        var release = await OpenAsync("", "When = 'Never'");
        release.Shop.BeforeAct = (act, _) => act == "deploy green-1 2.4.0" ? throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "it broke") : Task.CompletedTask;

        var ending = await release.RunAsync(new RolloutPhase());

        ending.Result.Production.ShouldStartWith("2.3.0 serves on red-1 100, white-1 100, 2.4.0 serves on blue-1 100, what green-1 runs without traffic is unknown: 'green-1: 2.3.0 -> 2.4.0' failed on the way");
    }

    [Fact]
    public async Task An_interrupted_one_carries_on_where_it_stopped()
    {
        var release = await OpenAsync();
        using var source = new CancellationTokenSource();
        release.Shop.BeforeAct = (act, token) =>
        {
            if (act == "deploy green-1 2.4.0")
            {
                source.Cancel();
                token.ThrowIfCancellationRequested();
            }

            return Task.CompletedTask;
        };
        var cancelled = await release.RunAsync(new RolloutPhase(), cancellationToken: source.Token);
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Forget();

        var ending = await release.RunAsync(new RolloutPhase());

        cancelled.Result.Outcome.ShouldBe(PhaseOutcome.Cancelled);
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Acts.Take(2).ShouldBe(["deploy green-1 2.4.0", "weights green-1 100"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_idle_instance_that_runs_is_changed_first_and_gets_no_traffic()
    {
        var release = await OpenAsync();
        release.Shop.More[1].Instance.Weight = 0;

        await release.RunAsync(new RolloutPhase());

        release.Shop.Acts[0].ShouldBe("deploy white-1 2.4.0");
        release.Shop.More[1].Instance.Weight.ShouldBe(0);
        release.Shop.Acts.ShouldNotContain("weights white-1 100");
    }

    [Fact]
    public async Task A_third_version_through_the_router_ends_it()
    {
        var release = await OpenAsync();
        release.Shop.BeforeAct = (act, _) =>
        {
            // Somebody else deploys meanwhile.
            if (act == "weights blue-1 100")
            {
                release.Shop.Green.Version = release.Shop.More[0].Instance.Version = release.Shop.More[1].Instance.Version = "2.2.9";
            }

            return Task.CompletedTask;
        };

        (await release.RunAsync(new RolloutPhase())).Error!.ErrorId.ShouldBe("RouterServesOtherVersion");
    }

    [Fact]
    public async Task Several_are_worked_on_at_once_up_to_the_limit_and_no_more()
    {
        var release = await OpenAsync("Batch = 3;");
        var (now, most) = (0, 0);
        release.Shop.BeforeAct = async (act, token) =>
        {
            if (act.StartsWith("deploy", StringComparison.Ordinal))
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await Task.Delay(TimeSpan.FromMilliseconds(50), token);
                Interlocked.Decrement(ref now);
            }
        };

        var ending = await release.RunAsync(new RolloutPhase(2));

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        most.ShouldBe(2);
        release.Shop.Losses.ShouldBeEmpty();
        (await release.FactsAsync()).Steps.ShouldAllBe(step => step.State == StepState.Done);
    }

    [Fact]
    public async Task Where_one_fails_those_beside_it_come_to_their_end_and_all_go_back()
    {
        var release = await OpenAsync("Batch = 3;");
        release.Shop.BeforeAct = async (act, token) =>
        {
            if (act == "deploy blue-1 2.4.0")
            {
                throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "it broke");
            }

            if (act.EndsWith("2.4.0", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), token);
            }
        };

        var ending = await release.RunAsync(new RolloutPhase(2));

        ending.Error!.ErrorId.ShouldBe("DeployScriptFailed");
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldContain("deploy green-1 2.4.0");
        release.Shop.Acts.ShouldNotContain("deploy red-1 2.4.0");
        release.Shop.Acts.TakeLast(3).ShouldBe(["weights red-1 100", "weights green-1 100", "weights blue-1 100"], ignoreOrder: true);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_version_that_died_on_every_instance_keeps_nothing_from_going_back()
    {
        var release = await RolledOutAsync();
        foreach (var instance in All(release))
        {
            instance.Version = null;
        }

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        All(release).ShouldAllBe(instance => instance.Version == "2.3.0" && instance.Weight == 100);
    }

    [Fact]
    public async Task The_only_healthy_instance_is_not_taken_out_before_another_serves_the_old_version()
    {
        var release = await OpenAsync("", "When = 'Never'");
        release.Shop.BeforeAct = (act, _) => act == "weights green-1 0" ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase());
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Forget();
        foreach (var instance in All(release).Skip(1))
        {
            instance.Version = null;
        }

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.SkipWhile(act => act == "weights green-1 100").First().ShouldStartWith("deploy ");
        All(release).ShouldAllBe(instance => instance.Version == "2.3.0");
    }

    [Fact]
    public async Task An_instance_that_somebody_let_in_by_hand_is_taken_out_before_it_goes_back()
    {
        var release = await OpenAsync("", "When = 'Never'");
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 100" ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase());
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Blue.Weight = 100;

        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Completion_has_no_old_instance_to_stop()
    {
        var release = await RolledOutAsync();

        var ending = await release.RunAsync(new CompletionPhase());

        ending.Error.ShouldBeNull();
        release.Shop.Acts.ShouldBeEmpty();
    }

    private static IReadOnlyList<FakeInstance> All(Release release) => [release.Shop.Blue, release.Shop.Green, .. release.Shop.More.Select(one => one.Instance)];

    private async Task<Release> RolledOutAsync()
    {
        var release = await OpenAsync();
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Forget();
        return release;
    }

    private async Task<Release> OpenAsync(string batch = "", string rollback = "When = 'Automatic'")
    {
        var instances = Names.Select((name, place) => $"@{{ Name = '{name}'; Uri = 'http://127.0.0.1:{8101 + place}' }}");
        var release = opened = await Release.OpenAsync(rollback, rollout: $"Strategy = 'Rolling'; {batch} Instances = @( {string.Join(", ", instances)} )");
        release.Shop.More.AddRange([("red-1", 8103, new FakeInstance()), ("white-1", 8104, new FakeInstance())]);
        foreach (var instance in release.Shop.More.Select(one => one.Instance).Append(release.Shop.Green))
        {
            (instance.Version, instance.Weight) = ("2.3.0", 100);
        }

        return release;
    }
}

using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Production;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollouts;

/// <summary>Going back from a rolling rollout while an instance is lost: it keeps no other from going back, and the end says that it is not whole.</summary>
public sealed class RollingReturnTests : IDisposable
{
    private static readonly string[] Names = ["blue-1", "green-1", "red-1", "white-1"];

    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Theory]
    [InlineData("blue-1")]
    [InlineData("red-1")]
    [InlineData("white-1")]
    public async Task Every_other_instance_goes_back_and_the_lost_one_is_named(string name)
    {
        var release = await RolledOutAsync();
        Lose(release, name);

        var ending = await release.GoBackToldAsync();

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        ending.Error!.Message.ShouldContain($"Every other instance is back on 2.3.0, and {name} cannot be made to serve it. {name}: its host is lost.");
        ending.Error.Message.ShouldEndWith("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -AcceptLessCapacity");
        foreach (var other in Names.Where(other => other != name))
        {
            Instance(release, other).Version.ShouldBe("2.3.0", other);
            Instance(release, other).Weight.ShouldBe(100, other);
        }

        Instance(release, name).Weight.ShouldBe(0);
        release.Shop.Losses.ShouldBeEmpty();
        ending.Result.TrafficBackAfter.ShouldNotBeNull();
        var state = ProductionState.Of(await release.FactsAsync());
        state.Traffic.ShouldStartWith("2.3.0 serves everything (");
        state.Instances.ShouldContain(words => words.StartsWith($"what {name} runs without traffic is unknown: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Once_it_is_back_going_back_again_makes_it_whole()
    {
        var release = await RolledOutAsync();
        Lose(release, "red-1");
        await release.GoBackToldAsync();
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Forget();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["deploy red-1 2.3.0", "weights red-1 100"]);
        ProductionState.Of(await release.FactsAsync()).Traffic.ShouldBe("2.3.0 serves everything (blue-1 100, green-1 100, red-1 100, white-1 100)");
    }

    [Fact]
    public async Task Where_somebody_accepts_it_the_way_back_ends_without_it()
    {
        var release = await RolledOutAsync();
        Lose(release, "red-1");

        var ending = await release.GoBackToldAsync(acceptLessCapacity: true);

        ending.Error.ShouldBeNull();
        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        ending.Result.Summary.ShouldStartWith("Production is back on 2.3.0 without red-1, as was accepted; ");
        Instance(release, "red-1").Weight.ShouldBe(0);
        release.Shop.Losses.ShouldBeEmpty();
        (await release.FactsAsync()).HasStandingChange.ShouldBeFalse();
    }

    [Fact]
    public async Task Where_the_old_version_starts_nowhere_one_instance_is_risked_and_no_more()
    {
        var release = await RolledOutAsync();
        release.Shop.Build = version => version == "2.3.0" ? null : version;

        var ending = await release.GoBackToldAsync();

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        ending.Error!.Message.ShouldContain("white-1 cannot be made to serve 2.3.0, which no other instance serves either, so that none of those that serve 2.4.0 is risked.");
        release.Shop.Acts.ShouldBe(["weights white-1 0", "deploy white-1 2.3.0"]);
        Names.SkipLast(1).ShouldAllBe(name => Instance(release, name).Version == "2.4.0" && Instance(release, name).Weight == 100);
    }

    [Fact]
    public async Task Accepted_it_risks_a_second_and_then_stops()
    {
        var release = await RolledOutAsync();
        release.Shop.Build = version => version == "2.3.0" ? null : version;

        var ending = await release.GoBackToldAsync(acceptLessCapacity: true);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        release.Shop.Acts.ShouldBe(["weights white-1 0", "deploy white-1 2.3.0", "weights red-1 0", "deploy red-1 2.3.0"]);
        Names.Take(2).ShouldAllBe(name => Instance(release, name).Version == "2.4.0" && Instance(release, name).Weight == 100);
    }

    [Fact]
    public async Task A_batch_that_alone_is_left_goes_back_in_parts()
    {
        var release = await RolledOutAsync("Batch = 3;");
        Lose(release, "white-1");

        var ending = await release.GoBackToldAsync();

        ending.Error!.Message.ShouldContain("Every other instance is back on 2.3.0, and white-1 cannot be made to serve it.");
        Names.SkipLast(1).ShouldAllBe(name => Instance(release, name).Version == "2.3.0" && Instance(release, name).Weight == 100);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_only_one_left_is_not_taken_out()
    {
        var release = await RolledOutAsync();
        foreach (var name in Names.Skip(1))
        {
            Lose(release, name);
        }

        var ending = await release.GoBackToldAsync(acceptLessCapacity: true);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        ending.Error!.Message.ShouldContain("blue-1 is the only healthy instance that carries traffic. green-1: its host is lost. red-1: its host is lost. white-1: its host is lost.");
        release.Shop.Blue.ShouldSatisfyAllConditions(blue => blue.Version.ShouldBe("2.4.0"), blue => blue.Weight.ShouldBe(100));
    }

    [Fact]
    public async Task An_instance_that_the_release_never_touched_is_told_and_left_to_whoever_accepts_it()
    {
        var release = await OpenAsync("When = 'Never'");
        release.Shop.BeforeAct = (act, _) => act == "deploy green-1 2.4.0" ? throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "it broke") : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase());
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        Lose(release, "red-1");

        var told = await release.GoBackToldAsync();
        var again = await release.GoBackToldAsync();
        var weight = Instance(release, "red-1").Weight;
        var accepted = await release.GoBackToldAsync(acceptLessCapacity: true);

        told.Error!.Message.ShouldContain("red-1 cannot be made to serve it. red-1: its host is lost.");
        release.Shop.Blue.Version.ShouldBe("2.3.0");
        release.Shop.Green.ShouldSatisfyAllConditions(green => green.Version.ShouldBe("2.3.0"), green => green.Weight.ShouldBe(100));
        again.Error!.Message.ShouldContain("red-1 cannot be made to serve it. red-1: its host is lost.");
        weight.ShouldBe(100, "nobody let it in again afterwards");
        accepted.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, accepted.Result.Summary);
        Instance(release, "red-1").Weight.ShouldBe(0);
    }

    [Fact]
    public async Task Undo_scripts_wait_until_somebody_accepts_that_an_instance_stays_lost()
    {
        var release = await OpenAsync("Database = 'Down'", databases: Release.Database);
        (await release.RunAsync(new MigrationPhase())).Error.ShouldBeNull();
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
        Lose(release, "red-1");

        var told = await release.GoBackToldAsync();
        var kept = release.ShopDatabase.History.Count;
        var accepted = await release.GoBackToldAsync(acceptLessCapacity: true);

        told.Error!.Message.ShouldContain("The database stays as it is until then.");
        kept.ShouldBe(2);
        accepted.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, accepted.Result.Summary);
        accepted.Result.Database.ShouldBe(DatabaseRollback.Down);
        release.ShopDatabase.History.ShouldBeEmpty();
    }

    private static void Lose(Release release, string name)
    {
        Instance(release, name).Version = null;
        var before = release.Shop.BeforeAct;
        release.Shop.BeforeAct = (act, token) => act == $"deploy {name} 2.3.0" ? throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "its host is lost.") : before(act, token);
    }

    private static FakeInstance Instance(Release release, string name) => name switch
    {
        "blue-1" => release.Shop.Blue,
        "green-1" => release.Shop.Green,
        _ => release.Shop.More.First(one => one.Name == name).Instance,
    };

    private async Task<Release> RolledOutAsync(string batch = "")
    {
        var release = await OpenAsync("When = 'Automatic'", batch);
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Forget();
        return release;
    }

    private async Task<Release> OpenAsync(string rollback, string batch = "", string databases = "")
    {
        var instances = Names.Select((name, place) => $"@{{ Name = '{name}'; Uri = 'http://127.0.0.1:{8101 + place}' }}");
        var release = opened = await Release.OpenAsync(rollback, databases, rollout: $"Strategy = 'Rolling'; {batch} Instances = @( {string.Join(", ", instances)} )");
        release.Shop.More.AddRange([("red-1", 8103, new FakeInstance()), ("white-1", 8104, new FakeInstance())]);
        foreach (var name in Names)
        {
            (Instance(release, name).Version, Instance(release, name).Weight) = ("2.3.0", 100);
        }

        return release;
    }
}

using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;

namespace DeployOps.Core.Tests.Rollouts.Strategies;

public class BlueGreenPlannerTests
{
    private static readonly InstanceSpec[] Instances = [At("blue-1", "blue", 1), At("blue-2", "blue", 2), At("green-1", "green", 3), At("green-2", "green", 4), At("green-3", "green", 5)];

    [Fact]
    public void The_pool_without_traffic_gets_the_release_and_then_all_of_the_traffic()
    {
        var plan = Plan([60, 40, 0, 0, 0], ["2.3.0", "2.3.0", "2.2.0", null, null]);

        plan.Old.Select(instance => instance.Name).ShouldBe(["blue-1", "blue-2"]);
        plan.New.Select(instance => instance.Name).ShouldBe(["green-1", "green-2", "green-3"]);
        plan.OldVersion.ShouldBe("2.3.0");
        plan.NewWeights.OrderBy(weight => weight.Key, StringComparer.Ordinal).Select(weight => weight.Value).ShouldBe([0, 0, 60, 40, 100]);
    }

    [Fact]
    public void The_next_release_goes_the_other_way()
    {
        var plan = Plan([0, 0, 100, 100, 100], ["2.3.0", null, "2.3.5", "2.3.5", "2.3.5"]);

        plan.New.Select(instance => instance.Name).ShouldBe(["blue-1", "blue-2"]);
        plan.OldVersion.ShouldBe("2.3.5");
        plan.NewWeights["blue-1"].ShouldBe(100);
        plan.NewWeights["green-3"].ShouldBe(0);
    }

    [Fact]
    public void An_instance_whose_like_had_no_traffic_gets_the_full_weight_and_never_none()
    {
        Plan([60, 0, 0, 0, 0], ["2.3.0", "2.3.0", null, null, null]).NewWeights["green-2"].ShouldBe(100);
    }

    [Theory]
    [InlineData(0, 0, "No pool has")]
    [InlineData(50, 50, "Both pools have")]
    public void Where_it_is_not_clear_which_pool_is_idle_nothing_is_planned(int blue, int green, string words)
    {
        var error = Should.Throw<DeployOpsException>(() => Plan([blue, 0, green, 0, 0], [null, null, null, null, null]));

        error.ErrorId.ShouldBe("RolloutLivePoolUnclear");
        error.Message.ShouldContain(words);
        error.Message.ShouldContain($"blue-1 {blue}");
    }

    [Fact]
    public void An_instance_the_router_lacks_is_named()
    {
        var capture = new RolloutCapture(new Dictionary<string, int> { ["blue-1"] = 100 }, new Dictionary<string, string?>());

        var error = Should.Throw<DeployOpsException>(() => BlueGreenPlanner.Plan(Spec(), capture, "2.4.0"));

        error.ErrorId.ShouldBe("RolloutInstanceUnknown");
        error.Message.ShouldContain("'blue-2'");
    }

    [Fact]
    public void Without_one_known_version_to_go_back_to_nothing_is_planned()
    {
        Should.Throw<DeployOpsException>(() => Plan([50, 50, 0, 0, 0], ["2.3.0", "2.2.0", null, null, null])).ErrorId.ShouldBe("RolloutLiveVersionUnclear");
        Should.Throw<DeployOpsException>(() => Plan([50, 50, 0, 0, 0], ["2.3.0", null, null, null, null])).Message.ShouldContain("blue-2 serves no version");
        Plan([50, 0, 0, 0, 0], ["2.3.0", "2.2.0", null, null, null]).OldVersion.ShouldBe("2.3.0");
    }

    private static InstanceSpec At(string name, string pool, int port) => new() { Name = name, Pool = pool, Uri = new Uri($"http://127.0.0.1:810{port}") };

    private static RolloutSpec Spec() => new()
    {
        Strategy = RolloutStrategy.BlueGreen,
        Deploy = "/shop/deploy.ps1",
        Router = new RouterSpec { Kind = "Yarp", Path = "/shop/edge.json", Cluster = "shop", Uri = new Uri("http://127.0.0.1:8080") },
        Instances = Instances,
    };

    private static RolloutPlan Plan(int[] weights, string?[] versions) => BlueGreenPlanner.Plan(
        Spec(),
        new RolloutCapture(
            Instances.Zip(weights).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal),
            Instances.Zip(versions).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal)),
        "2.4.0");
}

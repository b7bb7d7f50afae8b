using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;

namespace DeployOps.Core.Tests.Rollouts.Strategies;

public class RollingPlannerTests
{
    [Fact]
    public void A_batch_at_a_time_is_changed_and_gets_the_weight_it_had()
    {
        var plan = Plan(2, [100, 50, 100, 100, 100], ["2.3.0", "2.3.0", "2.3.0", "2.3.0", "2.3.0"]);

        plan.Batches.Select(batch => string.Join(' ', batch)).ShouldBe(["a b", "c d", "e"]);
        plan.OldVersion.ShouldBe("2.3.0");
        plan.NewWeights.ShouldBe(plan.Capture.Weights, ignoreOrder: true);
        plan.New.ShouldBe(plan.Old);
        plan.Leaving.ShouldBeEmpty();
    }

    [Fact]
    public void What_runs_without_traffic_is_changed_first_and_what_does_not_run_is_left_alone()
    {
        var plan = Plan(1, [100, 0, 100, 0, 100], ["2.3.0", "2.2.0", "2.3.0", null, "2.3.0"]);

        plan.New.Select(instance => instance.Name).ShouldBe(["b", "a", "c", "e"]);
        plan.Batches.Select(batch => string.Join(' ', batch)).ShouldBe(["a", "c", "e"]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 0)]
    public void A_batch_that_would_leave_nobody_to_serve_is_refused(int batch, int serving)
    {
        var weights = Enumerable.Range(0, 5).Select(place => place < serving ? 100 : 0).ToArray();

        var error = Should.Throw<DeployOpsException>(() => Plan(batch, weights, ["2.3.0", "2.3.0", "2.3.0", "2.3.0", "2.3.0"]));

        error.ErrorId.ShouldBe("RolloutBatchTooLarge");
        error.Message.ShouldContain($"{serving} of the plan's instances carry traffic");
    }

    [Fact]
    public void Where_two_versions_serve_it_cannot_be_told_to_which_to_go_back() =>
        Should.Throw<DeployOpsException>(() => Plan(1, [100, 100, 100, 100, 100], ["2.3.0", "2.2.0", "2.3.0", "2.3.0", "2.3.0"])).ErrorId.ShouldBe("RolloutLiveVersionUnclear");

    private static RolloutPlan Plan(int batch, int[] weights, string?[] versions)
    {
        var names = new[] { "a", "b", "c", "d", "e" };
        var rollout = new RolloutSpec
        {
            Strategy = RolloutStrategy.Rolling,
            Batch = batch,
            Deploy = "/deploy.ps1",
            Router = new RouterSpec { Kind = "Yarp", Path = "/edge.json", Cluster = "shop", Uri = new Uri("http://127.0.0.1:8080") },
            Instances = [.. names.Select((name, place) => new InstanceSpec { Name = name, Pool = "", Uri = new Uri($"http://127.0.0.1:{8101 + place}") })],
        };

        return RollingPlanner.Plan(
            rollout,
            new RolloutCapture(
                names.Zip(weights).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal),
                names.Zip(versions).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal)),
            "2.4.0");
    }
}

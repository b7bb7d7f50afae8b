using DeployOps.Core.Tests.Support;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Rollouts;

/// <summary>What was healthy once is looked at again before anything depends on it.</summary>
public sealed class CapacityTests : IDisposable
{
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

    public void Dispose() => opened?.Dispose();
}

using DeployOps.Core.Tests.Health;
using DeployOps.Gates;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Rollouts;

public class DrainWatchTests
{
    [Fact]
    public void Drained_is_no_request_in_flight_twice_in_a_row()
    {
        Wait(look => State(0, look switch { 1 => 3, 2 => 0, 3 => 1, _ => 0 }))
            .ToString().ShouldBe("Pass: drain of blue-1: no request in flight after 0.4 s");
    }

    [Fact]
    public void What_remains_at_the_deadline_is_told()
    {
        Wait(_ => State(0, 2)).ToString().ShouldBe("Fail: drain of blue-1: 2 requests still in flight after 1 s");
    }

    [Fact]
    public void An_instance_that_still_has_weight_is_not_drained()
    {
        Wait(_ => State(100, 0)).ToString().ShouldBe("Fail: drain of blue-1: blue-1 still gets traffic with weight 100 after 1 s");
    }

    [Fact]
    public void A_router_that_does_not_tell_is_unknown()
    {
        Wait(_ => throw Unreachable()).Verdict.ShouldBe(GateVerdict.Unknown);
    }

    [Fact]
    public void A_router_that_tells_again_before_the_deadline_is_believed()
    {
        Wait(look => look < 4 ? throw Unreachable() : State(0, 0)).Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public void An_instance_the_router_does_not_know_is_unknown()
    {
        Wait(_ => new RouterState("1", new Dictionary<string, RouterDestination>())).Detail.ShouldStartWith("the router does not know blue-1");
    }

    private static DeployOpsException Unreachable() => new("RouterUnreachable", FaultKind.Failed, "connection refused");

    private static RouterState State(int weight, int inFlight) =>
        new("1", new Dictionary<string, RouterDestination> { ["blue-1"] = new(new Uri("http://127.0.0.1:8101"), weight, inFlight) });

    private static GateResult Wait(Func<int, RouterState> look)
    {
        var clock = VirtualTime.Clock();
        return VirtualTime.Run(clock, () => new DrainWatch(new ScriptedRouter(look), clock).WaitAsync(["blue-1"], TimeSpan.FromSeconds(1), CancellationToken.None));
    }

    private sealed class ScriptedRouter(Func<int, RouterState> look) : IRouter
    {
        private int looks;

        public Task<RouterState> ReadAsync(CancellationToken cancellationToken)
        {
            looks++;
            try
            {
                return Task.FromResult(look(looks));
            }
            catch (DeployOpsException e)
            {
                return Task.FromException<RouterState>(e);
            }
        }

        public Task SetWeightsAsync(IReadOnlyDictionary<string, int> weights, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}

using DeployOps.Core.Tests.Health;
using DeployOps.Health;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using static DeployOps.Core.Tests.Health.ScriptedHandler;

namespace DeployOps.Core.Tests.Rollouts;

public class ServedVersionGateTests
{
    private static readonly RolloutSpec Rollout = new()
    {
        Strategy = RolloutStrategy.BlueGreen,
        Deploy = "/shop/deploy-instance.ps1",
        Router = new RouterSpec { Kind = "Yarp", Path = "/shop/edge.json", Cluster = "shop", Uri = new Uri("http://127.0.0.1:8080") },
        Instances = [],
    };

    [Fact]
    public void Every_answer_is_the_version()
    {
        var handler = new ScriptedHandler(_ => Status(200, "2.4.0"));

        Ask(handler).ShouldBe("Pass: version through the edge: 5 of 5 answers are 2.4.0");
        handler.Requests.ShouldBe(5);
    }

    [Fact]
    public void One_other_answer_fails()
    {
        Ask(new ScriptedHandler(number => Status(200, number == 4 ? "2.3.0" : "2.4.0")))
            .ShouldBe("Fail: version through the edge: 4 of 5 answers are 2.4.0; others: 2.3.0");
    }

    [Fact]
    public void An_answer_that_tells_none_fails()
    {
        Ask(new ScriptedHandler(number => Status(number == 1 ? 502 : 200, "2.4.0")))
            .ShouldBe("Fail: version through the edge: 4 of 5 answers are 2.4.0; others: http://127.0.0.1:8080/version: status 502");
    }

    private static string Ask(ScriptedHandler handler)
    {
        var clock = VirtualTime.Clock();
        using var asker = new HttpAsker(clock, handler);
        return VirtualTime.Run(clock, () => new ServedVersionGate(asker, clock).AskAsync(Rollout, "2.4.0", CancellationToken.None)).ToString();
    }
}

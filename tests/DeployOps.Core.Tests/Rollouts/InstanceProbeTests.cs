using System.Net.Sockets;
using DeployOps.Core.Tests.Health;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using static DeployOps.Core.Tests.Health.ScriptedHandler;

namespace DeployOps.Core.Tests.Rollouts;

public class InstanceProbeTests
{
    private static readonly InstanceSpec Green = new() { Name = "green-1", Pool = "green", Uri = new Uri("http://127.0.0.1:8102") };

    private static readonly RolloutSpec Rollout = new()
    {
        Strategy = RolloutStrategy.BlueGreen,
        Deploy = "/shop/deploy-instance.ps1",
        Router = new RouterSpec { Kind = "Yarp", Path = "/shop/edge.json", Cluster = "shop", Uri = new Uri("http://127.0.0.1:8080") },
        Instances = [Green],
        HealthTimeout = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public void An_instance_that_becomes_healthy_in_time_passes()
    {
        var addresses = new List<string>();

        var result = With(
            new ScriptedHandler((number, request, _) =>
            {
                addresses.Add(request.RequestUri!.ToString());
                return Task.FromResult(Status(number < 5 ? 503 : 200));
            }),
            probe => probe.HealthAsync(Green, Rollout, CancellationToken.None));

        result.ShouldBe(GateResult.Pass("health of green-1", "3 of 3 answers in a row were 200 in 1.2 s"));
        addresses.ShouldAllBe(address => address == "http://127.0.0.1:8102/healthz");
    }

    [Fact]
    public void An_instance_that_does_not_become_healthy_fails_at_its_deadline()
    {
        var result = With(new ScriptedHandler(_ => Status(503)), probe => probe.HealthAsync(Green, Rollout, CancellationToken.None));

        result.Verdict.ShouldBe(GateVerdict.Fail);
        result.Detail.ShouldContain("status 503");
        result.Detail.ShouldEndWith("in 10 s");
    }

    [Theory]
    [InlineData("2.4.0", "2.4.0")]
    [InlineData(" 2.4.0\n", "2.4.0")]
    [InlineData("""{"version":"2.4.0","name":"shop"}""", "2.4.0")]
    [InlineData("\uFEFF{\"version\":\"2.4.0\"}", "2.4.0")]
    [InlineData("""{"version":2}""", null)]
    [InlineData("""{"name":"shop"}""", null)]
    [InlineData("""{"version":""", null)]
    [InlineData("<html>", null)]
    [InlineData("", null)]
    [InlineData("two\nlines", null)]
    [InlineData("\u001b[31mred", null)]
    [InlineData("2.4.0\r2.5.0", null)]
    [InlineData("""{"version":"\ud83d"}""", null)]
    [InlineData("none", null)]
    [InlineData("""{"version":"None"}""", null)]
    public void A_version_is_text_or_JSON(string body, string? expected)
    {
        var served = With(new ScriptedHandler(_ => Status(200, body)), probe => probe.VersionAsync(Green.Uri, "/version", CancellationToken.None));

        served.Version.ShouldBe(expected);
        (served.Reason is null).ShouldBe(expected is not null);
    }

    [Fact]
    public void A_version_that_is_not_told_has_a_reason()
    {
        var served = With(new ScriptedHandler(_ => Status(502, "2.4.0")), probe => probe.VersionAsync(Green.Uri, "/version", CancellationToken.None));

        served.ShouldBe(new ServedVersion(null, "http://127.0.0.1:8102/version: status 502"));
    }

    [Theory]
    [InlineData(200, "2.4.0", "Pass: version of green-1: serves 2.4.0")]
    [InlineData(200, "2.3.0", "Fail: version of green-1: serves 2.3.0, expected 2.4.0")]
    [InlineData(500, "2.4.0", "Fail: version of green-1: expected 2.4.0; http://127.0.0.1:8102/version: status 500")]
    public void The_version_gate_passes_only_the_version_expected(int status, string body, string expected)
    {
        With(new ScriptedHandler(_ => Status(status, body)), probe => probe.VersionGateAsync(Green, Rollout, "2.4.0", CancellationToken.None))
            .ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData(200, GateVerdict.Fail)]
    [InlineData(404, GateVerdict.Fail)]
    [InlineData(500, GateVerdict.Fail)]
    [InlineData(null, GateVerdict.Pass)]
    public void An_instance_is_stopped_only_where_nobody_listens(int? status, GateVerdict expected)
    {
        var refused = new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused));

        var result = With(
            new ScriptedHandler((_, _, _) => status is { } answered ? Task.FromResult(Status(answered)) : Task.FromException<HttpResponseMessage>(refused)),
            probe => probe.StoppedAsync(Green, Rollout, CancellationToken.None));

        result.Verdict.ShouldBe(expected, result.Detail);
    }

    [Fact]
    public void Of_an_instance_that_is_silent_it_cannot_be_told_whether_it_is_stopped()
    {
        var result = With(
            new ScriptedHandler(async (_, _, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return Status(200);
            }),
            probe => probe.StoppedAsync(Green, Rollout, CancellationToken.None));

        result.ToString().ShouldBe("Unknown: green-1 stopped: green-1: no answer within 5 s");
    }

    private static T With<T>(ScriptedHandler handler, Func<InstanceProbe, Task<T>> ask)
    {
        var clock = VirtualTime.Clock();
        using var asker = new HttpAsker(clock, handler);
        return VirtualTime.Run(clock, () => ask(new InstanceProbe(asker, clock)));
    }
}

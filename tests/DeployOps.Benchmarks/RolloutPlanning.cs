using BenchmarkDotNet.Attributes;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;

namespace DeployOps.Benchmarks;

/// <summary>A rollout of 10,000 instances, from what was captured to its steps. Bar: 50 ms.</summary>
[InProcess]
public class RolloutPlanning
{
    private const int Instances = 10_000;

    private RolloutSpec rollout = null!;
    private RolloutCapture capture = null!;

    [GlobalSetup]
    public void Capture()
    {
        var instances = Enumerable.Range(0, Instances).Select(number => new InstanceSpec
        {
            Name = $"instance-{number}",
            Pool = number % 2 == 0 ? "blue" : "green",
            Uri = new Uri($"http://127.0.0.1:{20_000 + number}"),
        }).ToList();
        rollout = new RolloutSpec
        {
            Strategy = RolloutStrategy.BlueGreen,
            Deploy = "deploy-instance.ps1",
            Router = new RouterSpec { Kind = "Yarp", Path = "edge.json", Cluster = "shop", Uri = new Uri("http://127.0.0.1:8080") },
            Instances = instances,
        };
        capture = new RolloutCapture(
            instances.ToDictionary(instance => instance.Name, instance => instance.Pool == "blue" ? 100 : 0, StringComparer.Ordinal),
            instances.ToDictionary(instance => instance.Name, instance => instance.Pool == "blue" ? "2.3.0" : null, StringComparer.Ordinal));
    }

    [Benchmark]
    public int Plan()
    {
        var plan = BlueGreenPlanner.Plan(rollout, capture, "2.4.0");
        return RolloutFactory.ForwardSteps(plan, null!).Count + RolloutFactory.RetireSteps(plan, null!).Count;
    }
}

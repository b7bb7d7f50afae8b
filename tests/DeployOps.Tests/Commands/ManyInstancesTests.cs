using System.Diagnostics;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>A plan of 5,000 instances.</summary>
[Collection(EngineCollection.Name)]
public sealed class ManyInstancesTests : IDisposable
{
    private const int Instances = 5000;

    // Seconds on a machine with nothing else to do; what is quadratic takes many minutes.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void It_is_tested_planned_and_shown_within_seconds()
    {
        using var shop = new SmallShop(_plans.PathOf("."));
        // Idle ones on loopback addresses at which nobody listens, each its own.
        var idle = Enumerable.Range(0, Instances - 2).Select(number => ($"green-{number + 2}", new Uri($"http://127.77.{number / 250}.{(number % 250) + 1}:9/"), 0)).ToList();
        shop.WriteEdge([("blue-1", shop.Blue, 100), ("green-1", shop.Green, 0), .. idle]);
        _plans.Write("plan.psd1", $$"""
            @{
                Service = 'shop'; Environment = 'production'; Release = '2.4.0'; Team = @{ Monitor = 'observer' }
                {{shop.Rollout(string.Join('\n', idle.Select(one => $"@{{ Name = '{one.Item1}'; Pool = 'green'; Uri = '{one.Item2}' }}")))}}
            }
            """);
        var start = Stopwatch.GetTimestamp();

        var tested = _engine.Invoke("param($Plan) Test-DeploymentPlan $Plan", ("Plan", _plans.Plan)).Clean();
        var testing = Stopwatch.GetElapsedTime(start);
        var planned = _engine.Invoke("param($Plan) Start-DeploymentWindow $Plan -WhatIf -Deviation 'only planned' | Invoke-Rollout -WhatIf", ("Plan", _plans.Plan)).Clean();
        var elapsed = Stopwatch.GetElapsedTime(start);

        tested.Text("IsValid").ShouldBe("True");
        planned.Text("Outcome").ShouldBe("Planned");
        ((IEnumerable<object>)planned.Single.Properties["Steps"].Value).Count().ShouldBe(Instances);
        Console.WriteLine($"{Instances} instances: tested in {testing.TotalMilliseconds:0} ms, planned in {(elapsed - testing).TotalMilliseconds:0} ms");
        elapsed.ShouldBeLessThan(Soon);
    }
}

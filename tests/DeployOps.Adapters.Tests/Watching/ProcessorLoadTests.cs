using DeployOps.Adapters.Watching;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Adapters.Tests.Watching;

public sealed class ProcessorLoadTests
{
    [Fact]
    public void An_average_over_longer_than_some_looks_tells_nothing_of_now()
    {
        var time = new FakeTimeProvider();
        var load = new ProcessorLoad("cpu 100 0 0 100 0 0 0 0", time);
        time.Advance(TimeSpan.FromSeconds(5));
        var fresh = load.Next("cpu 200 0 0 200 0 0 0 0");
        time.Advance(TimeSpan.FromSeconds(6));
        var old = load.Next("cpu 1200 0 0 200 0 0 0 0");
        time.Advance(TimeSpan.FromSeconds(1));
        var again = load.Next("cpu 1250 0 0 250 0 0 0 0");

        fresh.ShouldBe(0.5);
        old.ShouldBeNull();
        again.ShouldBe(0.5);
    }
}

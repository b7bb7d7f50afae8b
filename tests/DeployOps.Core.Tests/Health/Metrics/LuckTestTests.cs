using CsCheck;
using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public class LuckTestTests
{
    [Theory]
    [InlineData(0.5, 0.57236494292470008)]      // ln sqrt(pi)
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(5, 3.1780538303479458)]         // ln 24
    [InlineData(11, 15.104412573075516)]        // ln 3,628,800
    [InlineData(101, 363.73937555556349)]       // ln 100!
    public void The_logarithm_of_gamma_is_right(double x, double expected)
    {
        LuckTest.LogGamma(x).ShouldBe(expected, 1e-12 * Math.Max(1, expected));
    }

    [Theory]
    [InlineData(3, 4, 1, 4, 17.0 / 70)]         // the lady tasting tea: (16 + 1) / C(8,4)
    [InlineData(4, 4, 0, 4, 1.0 / 70)]
    [InlineData(2, 2, 0, 2, 1.0 / 6)]
    public void The_chance_of_more_hits_is_that_of_Fishers_table(double hits, double events, double hitsThen, double eventsThen, double expected)
    {
        LuckTest.OfMoreHits(hits, events, hitsThen, eventsThen).ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void The_chance_of_more_hits_is_one_where_there_are_not_more()
    {
        LuckTest.OfMoreHits(1, 100, 10, 1000).ShouldBe(1);
        LuckTest.OfMoreHits(0, 0, 0, 0).ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 10, 10, 10, 1.0 / 1024)]     // ten heads
    [InlineData(1, 10, 9, 10, 11.0 / 1024)]
    [InlineData(0, 10, 4, 30, 0.31640625)]      // (3/4)^4
    public void The_chance_of_fewer_events_is_that_of_the_binomial(double now, double seconds, double then, double secondsThen, double expected)
    {
        LuckTest.OfFewerEvents(now, TimeSpan.FromSeconds(seconds), then, TimeSpan.FromSeconds(secondsThen)).ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void Both_are_chances_at_any_size_and_end_soon()
    {
        Gen.Select(Gen.Double[0, 1e10], Gen.Double[0, 1], Gen.Double[0, 1e10], Gen.Double[0, 1]).Sample((events, hit, eventsThen, hitThen) =>
        {
            LuckTest.OfMoreHits(events * hit, events, eventsThen * hitThen, eventsThen).ShouldBeInRange(0, 1);
            LuckTest.OfFewerEvents(events, TimeSpan.FromSeconds(1 + hit), eventsThen, TimeSpan.FromSeconds(1 + hitThen)).ShouldBeInRange(0, 1);
        }, iter: 500);
    }
}

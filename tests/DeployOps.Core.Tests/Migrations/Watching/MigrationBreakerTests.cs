using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class MigrationBreakerTests
{
    private readonly MigrationBreaker breaker = new(new MigrationLimits { MaxBlocked = 2, MaxBlockedFor = TimeSpan.FromSeconds(1) });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public void What_is_within_the_limits_goes_on(int count, double seconds) => breaker.Judge(Sample(count, seconds)).ShouldBeNull();

    [Fact]
    public void Too_many_that_wait_cancel_it() =>
        breaker.Judge(Sample(3, 0.1)).ShouldNotBeNull().ToString().ShouldBe("3 sessions waited for it, at most 2 may; it blocked 3 sessions (web, jobs) for 0.1 s");

    [Fact]
    public void One_that_waits_too_long_cancels_it() =>
        breaker.Judge(Sample(1, 1.25)).ShouldNotBeNull().ToString().ShouldBe("a session waited 1.25 s for it, at most 1 s are allowed; it blocked 1 session (web, jobs) for 1.25 s");

    [Fact]
    public void It_tells_where_the_migration_only_waited_itself()
    {
        var trip = breaker.Judge(Sample(1, 2) with { WaitsForLock = true }).ShouldNotBeNull();

        trip.WhileWaiting.ShouldBeTrue();
        trip.ToString().ShouldEndWith("while it waited for a lock itself");
    }

    private static MigrationSample Sample(int count, double seconds) => new() { Elapsed = TimeSpan.Zero, Blocks = new BlockedSessions(count, TimeSpan.FromSeconds(seconds), ["web", "jobs"]) };
}

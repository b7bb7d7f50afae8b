using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class EvidenceLogTests
{
    [Fact]
    public void It_keeps_the_peaks_and_everything_that_fired()
    {
        var log = new EvidenceLog("V1__a.sql");

        log.Add(Sample(1) with { Blocks = new BlockedSessions(4, TimeSpan.FromSeconds(0.5), ["web"]), Cpu = 0.7, Disk = new FreeSpace(70, 100) });
        log.Add(Sample(2) with { Replicas = [new("a", 5, TimeSpan.FromSeconds(3)), new("b", 9, TimeSpan.FromSeconds(1))], Cpu = 0.2, Disk = new FreeSpace(60, 100) });
        log.Add(Sample(3) with { Replicas = null, Disk = new FreeSpace(80, 100) });
        log.Miss();
        log.Held(TimeSpan.FromSeconds(4), "the gate before the script held");
        log.Fired("cancelled");
        log.CannotTell("processors");
        log.CannotTell("processors");

        var seen = log.Evidence;
        (seen.Samples, seen.Missed, seen.Duration).ShouldBe((3, 1, TimeSpan.FromSeconds(3)));
        (seen.PeakBlocked, seen.PeakBlockedFor).ShouldBe((4, TimeSpan.FromSeconds(0.5)));
        (seen.PeakLag, seen.PeakLagBytes).ShouldBe((TimeSpan.FromSeconds(3), 9));
        (seen.PeakCpu, seen.LeastFreeDisk).ShouldBe((0.7, 60));
        (seen.Holds, seen.Held).ShouldBe((1, TimeSpan.FromSeconds(4)));
        seen.Fired.ShouldBe(["the gate before the script held", "cancelled"]);
        seen.Unknown.ShouldBe(["processors"]);
        seen.ToString().ShouldBe("V1__a.sql: 3 looks in 3 s, blocked 4 sessions at most, 0.5 s at most, lag 9 bytes and 3 s at most, gates held for 4 s");
    }

    [Fact]
    public void Of_very_many_that_fired_the_first_hundred_are_kept_and_the_rest_is_counted()
    {
        var log = new EvidenceLog("V1__a.sql");

        for (var round = 1; round <= 130; round++)
        {
            log.Held(TimeSpan.FromSeconds(1), $"round {round}");
        }

        (log.Evidence.Fired.Count, log.Evidence.Fired[^1], log.Evidence.FiredMore).ShouldBe((100, "round 100", 30));
        (log.Evidence.Holds, log.Evidence.Held).ShouldBe((130, TimeSpan.FromSeconds(130)));
    }

    [Fact]
    public void What_is_not_known_stays_unknown()
    {
        var log = new EvidenceLog("V1__a.sql");

        log.Add(Sample(1));

        (log.Evidence.PeakCpu, log.Evidence.LeastFreeDisk).ShouldBe((null, null));
    }

    private static MigrationSample Sample(double seconds) => new() { Elapsed = TimeSpan.FromSeconds(seconds) };
}

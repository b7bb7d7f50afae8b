using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class ReplicationClockTests
{
    private readonly ReplicationClock clock = new();

    [Fact]
    public void A_replica_that_has_everything_is_not_behind_whatever_the_server_says()
    {
        See(0, 100);
        See(5, 900);

        clock.LagOf(900, TimeSpan.FromSeconds(4)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_replica_that_stands_is_behind_since_the_look_at_which_it_had_everything()
    {
        See(0, 100);
        See(1, 500);
        See(2, 900);
        See(3.5, 1_200);

        clock.LagOf(500, TimeSpan.FromMilliseconds(3)).ShouldBe(TimeSpan.FromSeconds(2.5));
        clock.LagOf(899, null).ShouldBe(TimeSpan.FromSeconds(2.5));
        clock.LagOf(900, null).ShouldBe(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public void The_time_in_which_nothing_was_written_does_not_count()
    {
        See(0, 100);
        See(60, 100);
        See(61, 500);

        clock.LagOf(100, null).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void What_was_missing_before_the_first_look_is_told_by_the_server_and_at_least_as_old_as_the_watch()
    {
        See(0, 100);
        clock.LagOf(50, TimeSpan.FromSeconds(7)).ShouldBe(TimeSpan.FromSeconds(7));
        clock.LagOf(50, null).ShouldBeNull();

        See(9, 100);

        clock.LagOf(50, TimeSpan.FromSeconds(7)).ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Fact]
    public void It_is_said_of_what_nobody_saw_being_written()
    {
        See(0, 100);
        See(1, 500);

        clock.HasSeen(99).ShouldBeFalse();
        clock.HasSeen(100).ShouldBeTrue();
        clock.HasSeen(600).ShouldBeTrue();
    }

    [Fact]
    public void Looks_that_come_often_are_kept_one_a_second()
    {
        for (var look = 0; look <= 100; look++)
        {
            See(look / 10.0, look);
        }

        for (var replayed = 0; replayed <= 100; replayed++)
        {
            var real = (100 - replayed) / 10.0;
            clock.LagOf(replayed, null).ShouldNotBeNull().TotalSeconds.ShouldBeInRange(real, replayed == 100 ? 0 : real + 1.01);
        }
    }

    private void See(double seconds, long position) => clock.See(TimeSpan.FromSeconds(seconds), position);
}

using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class MigrationGateTests
{
    private static readonly MigrationLimits Limits = new() { MaxLag = TimeSpan.FromSeconds(10), MaxLagBytes = 1_000_000, Hold = TimeSpan.FromMinutes(1), CriticalSamples = 3, MinFreeDisk = 0.1 };
    private static readonly MigrationSample Quiet = new() { Elapsed = TimeSpan.Zero };
    private readonly MigrationGate gate = new(Limits);

    [Fact]
    public void It_is_open_where_nothing_is_over_its_limit() =>
        Judge(Quiet with { Replicas = [Replica(1_000_000, 10)], Disk = new FreeSpace(10, 100) }, replicas: 1).ShouldBe(new MigrationGateAnswer(MigrationGateState.Open, ""));

    [Theory]
    [InlineData(1_000_001, 0, "replica is 976.6 KiB and 0 s behind, at most 976.6 KiB and 10 s")]
    [InlineData(5_000_000, 0, "replica is 4.8 MiB and 0 s behind, at most 976.6 KiB and 10 s")]
    [InlineData(1, 10.5, "replica is 1 bytes and 10.5 s behind, at most 976.6 KiB and 10 s")]
    public void A_replica_that_is_behind_in_bytes_or_in_time_holds_it(long bytes, double seconds, string words) =>
        Judge(Quiet with { Replicas = [Replica(0, 0), Replica(bytes, seconds)] }, replicas: 2).ShouldBe(new MigrationGateAnswer(MigrationGateState.Hold, words));

    [Fact]
    public void A_replica_that_is_behind_on_purpose_holds_nothing_and_has_to_be_there()
    {
        var delayed = new MigrationGate(Limits with { DelayedReplicas = ["late"] });

        Judge(Quiet with { Replicas = [Replica(0, 0), Replica(5_000_000, 3600) with { Name = "late" }] }, delayed, 2).State.ShouldBe(MigrationGateState.Open);
        Judge(Quiet with { Replicas = [Replica(5_000_000, 3600), Replica(0, 0) with { Name = "late" }] }, delayed, 2).State.ShouldBe(MigrationGateState.Hold);
        Judge(Quiet with { Replicas = [Replica(0, 0)] }, delayed, 2).Detail.ShouldBe("1 of 2 replicas there");
    }

    [Fact]
    public void Old_transactions_hold_it_and_are_named() =>
        Judge(Quiet with { OldTransactions = [new OldTransaction("process 7 (report), active,", TimeSpan.FromSeconds(95))] })
            .ShouldBe(new MigrationGateAnswer(MigrationGateState.Hold, "transactions open for more than 30 s: process 7 (report), active, for 1 min 35 s"));

    [Fact]
    public void Too_little_room_on_the_disk_holds_it_by_fraction_or_by_bytes()
    {
        Judge(Quiet with { Disk = new FreeSpace(9, 100) }).Detail.ShouldBe("9 bytes of 100 bytes of the server's disk are free, at least 10 %");
        Judge(Quiet with { Disk = new FreeSpace(50, 100), OtherDisks = [new FreeSpace(60, 1000) { Of = "the disk of the server's log" }] }).Detail
            .ShouldBe("60 bytes of 1000 bytes of the disk of the server's log are free, at least 10 %");

        new FreeSpace(1_000, 100_000).IsAtLeast(1_000).ShouldBeTrue();
        new FreeSpace(999, 100_000).IsAtLeast(1_000).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0.8, "", "")]
    [InlineData(0.81, "", "the server's processors are 81 % busy, at most 80 %")]
    [InlineData(null, "", "how busy the server's processors are is not known yet")]
    public void Processors_hold_it_where_they_have_a_limit(double? cpu, string unknown, string words) =>
        Judge(Quiet with { Cpu = cpu, CpuUnknown = unknown }, new MigrationGate(Limits with { MaxCpu = 0.8 })).Detail.ShouldBe(words);

    [Fact]
    public void Processors_that_nobody_can_know_of_fail_it_where_they_have_a_limit_and_else_hold_nothing()
    {
        var unknown = Quiet with { CpuUnknown = "the probe failed" };
        var limited = new MigrationGate(Limits with { MaxCpu = 0.8, CriticalSamples = 1 });

        Judge(unknown, limited).ShouldBe(new MigrationGateAnswer(MigrationGateState.Failed, "how busy the server's processors are is unknown: the probe failed; so at 1 looks in a row"));
        Judge(unknown).State.ShouldBe(MigrationGateState.Open);
        Judge(Quiet with { Cpu = 1 }).State.ShouldBe(MigrationGateState.Open);
    }

    [Fact]
    public void What_cannot_be_seen_is_critical_where_somebody_asked_for_its_limit_and_else_holds_nothing()
    {
        var unseen = Quiet with { OldTransactionsUnknown = "GRANT pg_monitor", DiskUnknown = "the server's disk: it is not on this machine" };
        var asked = Limits with { MustKnowTransactions = true, MustKnowDisk = true, CriticalSamples = 1 };

        Judge(unseen).State.ShouldBe(MigrationGateState.Open);
        Judge(unseen, new MigrationGate(asked)).ShouldBe(new MigrationGateAnswer(
            MigrationGateState.Failed,
            "how long others have been in a transaction is unknown: GRANT pg_monitor; the plan asks for it by LongTransaction; what is free is unknown: the server's disk: it is not on this machine; the plan asks for it by MinFreeDisk; so at 1 looks in a row"));
        Judge(unseen, new MigrationGate(asked with { MustKnowTransactions = false, MinFreeDisk = 0 })).State.ShouldBe(MigrationGateState.Open);
        Judge(Quiet, new MigrationGate(asked)).State.ShouldBe(MigrationGateState.Open);
    }

    [Theory]
    [InlineData("reserved", 5_000_000, null, false)]
    [InlineData("extended", 5_000_000, 1_000_000L, false)]
    [InlineData("extended", 5_000_000, 999_999L, true)]
    [InlineData("unreserved", 5_000_000, null, true)]
    [InlineData("lost", 5_000_000, null, false)]
    public void A_slot_that_would_lose_what_its_replica_needs_holds_it(string status, long held, long? safe, bool isHeld) =>
        Judge(Quiet with { Slots = [new ReplicationSlot("standby", true, status, held, safe)] }).State.ShouldBe(isHeld ? MigrationGateState.Hold : MigrationGateState.Open);

    [Theory]
    [InlineData(0, 500_000, false)]
    [InlineData(250_000, 250_000, false)]
    [InlineData(260_000, 240_000, true)]
    [InlineData(500_000, 0, true)]
    [InlineData(700_000, -200_000, true)]
    [InlineData(0, 1_900_000, false)]
    [InlineData(1_000_000, 900_000, true)]
    public void A_slot_that_may_keep_less_than_a_replica_may_be_behind_holds_it_once_half_of_that_is_used_up(long held, long safe, bool isHeld) =>
        Judge(Quiet with { Slots = [new ReplicationSlot("standby", true, "reserved", held, safe)] }).State.ShouldBe(isHeld ? MigrationGateState.Hold : MigrationGateState.Open);

    [Fact]
    public void Room_that_is_not_known_holds_nothing() => Judge(Quiet with { Disk = null }).State.ShouldBe(MigrationGateState.Open);

    [Fact]
    public void What_holds_too_long_fails_with_the_numbers()
    {
        var behind = Quiet with { Replicas = [Replica(5_000_000, 12)] };

        gate.Judge(behind, 1, TimeSpan.FromSeconds(59)).State.ShouldBe(MigrationGateState.Hold);
        var answer = gate.Judge(behind, 1, TimeSpan.FromSeconds(61));

        answer.State.ShouldBe(MigrationGateState.Failed);
        answer.Detail.ShouldBe("replica is 4.8 MiB and 12 s behind, at most 976.6 KiB and 10 s; held for 1 min 1 s, at most 1 min 0 s");
    }

    [Fact]
    public void A_replica_that_is_gone_is_no_lag_of_0_but_fails_after_some_looks_in_a_row()
    {
        var alone = Quiet with { Replicas = [] };

        Judge(alone, replicas: 1).ShouldBe(new MigrationGateAnswer(MigrationGateState.Hold, "0 of 1 replica there"));
        Judge(alone, replicas: 1).State.ShouldBe(MigrationGateState.Hold);
        Judge(alone, replicas: 1).ShouldBe(new MigrationGateAnswer(MigrationGateState.Failed, "0 of 1 replica there; so at 3 looks in a row"));
    }

    [Fact]
    public void A_replica_that_comes_back_begins_the_count_anew()
    {
        var alone = Quiet with { Replicas = [] };
        Judge(alone, replicas: 1);
        Judge(alone, replicas: 1);

        Judge(Quiet with { Replicas = [Replica(0, 0)] }, replicas: 1).State.ShouldBe(MigrationGateState.Open);

        Judge(alone, replicas: 1).State.ShouldBe(MigrationGateState.Hold);
    }

    [Fact]
    public void Looks_that_cannot_be_taken_are_critical_too()
    {
        Judge(null).State.ShouldBe(MigrationGateState.Hold);
        Judge(null).State.ShouldBe(MigrationGateState.Hold);
        Judge(null).ShouldBe(new MigrationGateAnswer(MigrationGateState.Failed, "the server could not be looked at; so at 3 looks in a row"));
    }

    [Fact]
    public void Replication_that_the_account_may_not_see_is_no_lag_of_0()
    {
        var hidden = Quiet with { Replicas = null, ReplicasUnknown = "the account may not see replication; GRANT pg_monitor TO it" };
        Judge(hidden).ShouldBe(new MigrationGateAnswer(
            MigrationGateState.Hold, "how far its replicas are behind is unknown: the account may not see replication; GRANT pg_monitor TO it"));
        Judge(hidden, replicas: 2).Detail.ShouldBe("how far its replicas are behind is unknown, 2 replicas expected: the account may not see replication; GRANT pg_monitor TO it");
        Judge(hidden).State.ShouldBe(MigrationGateState.Failed);
    }

    [Fact]
    public void A_replica_that_is_behind_for_nobody_knows_how_long_holds_and_is_no_lag_of_0()
    {
        var stopped = Quiet with { Replicas = [new ReplicaLag("replica 2", 1024, null) { Why = "it has stopped to replay" }] };

        Judge(stopped).State.ShouldBe(MigrationGateState.Hold);

        Judge(stopped).Detail.ShouldStartWith("replica 2 is 1 KiB behind, for how long is not known: it has stopped to replay, at most ");
    }

    [Fact]
    public void A_time_that_may_be_an_old_one_opens_nothing()
    {
        var paused = Quiet with { Replicas = [Replica(1024, 0.003) with { IsAtLeast = true }] };

        Judge(paused).ShouldBe(new MigrationGateAnswer(MigrationGateState.Hold, "replica is 1 KiB and at least 0 s behind, at most 976.6 KiB and 10 s"));
    }

    private static MigrationGateAnswer Judge(MigrationSample sample, MigrationGate other, int replicas = 0) => other.Judge(sample, replicas, TimeSpan.Zero);

    private MigrationGateAnswer Judge(MigrationSample? sample, int replicas = 0) => gate.Judge(sample, replicas, TimeSpan.Zero);

    private static ReplicaLag Replica(long bytes, double seconds) => new("replica", bytes, TimeSpan.FromSeconds(seconds));
}

using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbReplicaTests(MariaDbReplicatedCluster cluster) : IClassFixture<MariaDbReplicatedCluster>
{
    private const int Chunk = 2_000;
    private const long Gate = 256 * 1024;

    private static readonly MigrationScript Backfill = MariaDbShop.Script(
        "1__status", $"-- deployops: repeat-until-zero chunk={Chunk}\nUPDATE orders SET status = 'open' WHERE status IS NULL ORDER BY id LIMIT {Chunk}");

    private static readonly MigrationLimits Limits = new() { MaxLagBytes = Gate, CriticalSamples = 2 };

    [Fact]
    public async Task A_backfill_waits_for_a_replica_that_stands_and_goes_on_when_it_has_caught_up()
    {
        await using var database = await CreateAsync("backfill", Limits);
        var round = await RoundAsync();
        var watch = new RecordedWatch();
        await cluster.PauseAsync();
        var applying = database.Migrations.ApplyAsync(Backfill, "kim", watch, default);
        await UntilAsync("SELECT COUNT(*) FROM backfill.orders WHERE status = 'open'");
        await Task.Delay(TimeSpan.FromSeconds(3));
        await Still.RunsAsync(applying);

        await cluster.ResumeAsync();
        await applying;

        var seen = watch.Evidence.ShouldNotBeNull();
        TestContext.Current.SendDiagnosticMessage("peak lag {0:0.00} MiB and {1:0.0} s, gates held {2:0.0} s in {3} holds, one round {4:0.00} MiB", seen.PeakLagBytes / 1048576.0, seen.PeakLag.TotalSeconds, seen.Held.TotalSeconds, seen.Holds, round / 1048576.0);
        seen.PeakLagBytes.ShouldBeInRange(Gate, Gate + round);
        seen.Held.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        seen.Fired[0].ShouldContain("replica 2 is ");
        seen.Unknown.ShouldBeEmpty();
        (await cluster.ScalarAsync("SELECT COUNT(*) FROM backfill.orders WHERE status IS NULL")).ShouldBe("0");
    }

    // What one round writes to the log, measured on the same rows, and a tenth more: its record with it.
    private async Task<long> RoundAsync()
    {
        await cluster.ExecuteAsync("CREATE DATABASE sample; CREATE TABLE sample.orders AS SELECT * FROM backfill.orders");
        var before = await WrittenAsync();
        await cluster.ExecuteAsync($"UPDATE sample.orders SET status = 'open' WHERE status IS NULL ORDER BY id LIMIT {Chunk}");
        var round = await WrittenAsync() - before;
        await cluster.ExecuteAsync("DROP DATABASE sample");
        await cluster.CatchUpAsync();
        return round + (round / 10);

        async Task<long> WrittenAsync() => long.Parse((await cluster.ScalarAsync("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'BINLOG_BYTES_WRITTEN'"))!, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_replica_that_has_stopped_to_replay_is_not_taken_for_one_that_has_everything()
    {
        await using var database = await CreateAsync("stopped", Limits with { MaxLagBytes = 1L << 30, Hold = TimeSpan.FromSeconds(2) });
        await cluster.PauseAsync();
        await cluster.ExecuteAsync("UPDATE stopped.orders SET note = 'y' WHERE id = 1");

        var error = await Should.ThrowAsync<DeployOpsException>(database.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", default));
        await cluster.ResumeAsync();
        await cluster.CatchUpAsync();

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldMatch(@"replica 2 is [0-9.]+ (bytes|KiB) behind, for how long is not known: it has stopped to replay, its Slave_SQL_Running is not Yes, at most 1 GiB and 10 s");
        await database.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", default);
    }

    [Fact]
    public async Task A_replica_that_leaves_ends_a_backfill_and_the_next_run_goes_on_with_it()
    {
        await using var database = await CreateAsync("leaving", Limits);
        await cluster.PauseAsync();
        var applying = database.Migrations.ApplyAsync(Backfill, "kim", default);
        await UntilAsync("SELECT COUNT(*) FROM leaving.orders WHERE status = 'open'");

        await cluster.LeaveAsync();
        var error = await Should.ThrowAsync<DeployOpsException>(applying);
        await cluster.ReturnAsync();

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("did not open: 0 of 1 replica there; so at 2 looks in a row.");
        error.Message.ShouldMatch(@"Of it \d+ rounds? with \d+ rows are committed and stay\.");
        await using var again = Open("leaving", new MigrationLimits { Replicas = 0 });
        await again.Migrations.ApplyAsync(Backfill, "kim", default);
        (await cluster.ScalarAsync("SELECT COUNT(*) FROM leaving.orders WHERE status IS NULL")).ShouldBe("0");
    }

    [Fact]
    public async Task A_replica_that_cannot_be_asked_does_not_count_as_one_that_has_caught_up()
    {
        await using var database = await CreateAsync("asked", Limits);
        await cluster.ExecuteAsync("GRANT ALL ON asked.* TO few IDENTIFIED BY 'few'; GRANT PROCESS ON *.* TO few");
        var watch = new RecordedWatch();
        await using var few = new MariaDbDatabase(Spec("asked", new MigrationLimits { Replicas = 1, CriticalSamples = 2 }, ";User ID=few;Password=few"), TimeProvider.System, MariaDbShop.Quick);

        var error = await Should.ThrowAsync<DeployOpsException>(few.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("how far its replicas are behind is unknown, 1 replica expected: deployer@127.0.0.1: it is not registered with report_host, or the account lacks REPLICATION MASTER ADMIN; let each replica say report_host");
        error.Message.ShouldNotContain("pg_monitor");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain(words => words.StartsWith("how far deployer@127.0.0.1 is behind: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_reads_the_log_and_is_not_shown_does_not_count_as_nobody()
    {
        await using var database = await CreateAsync("hidden", Limits);
        await cluster.ExecuteAsync("GRANT ALL ON hidden.* TO blind IDENTIFIED BY 'blind'");
        var watch = new RecordedWatch();
        await using var blind = new MariaDbDatabase(Spec("hidden", new MigrationLimits { CriticalSamples = 2 }, ";User ID=blind;Password=blind"), TimeProvider.System, MariaDbShop.Quick);

        var counted = await blind.Migrations.CountReplicasAsync(default);
        var states = await blind.States.ReplicasAsync(TimeSpan.FromSeconds(1), default);
        var error = await Should.ThrowAsync<DeployOpsException>(blind.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", watch, default));

        counted.ShouldBeNull();
        states.ShouldHaveSingleItem().BytesBehind.ShouldBeNull();
        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("how far its replicas are behind is unknown: who reads the binary log is not shown to this account: grant PROCESS");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain("replicas: who reads the binary log is not shown to this account: grant PROCESS");
        (await database.Migrations.CountReplicasAsync(default)).ShouldBe(1);
    }

    [Fact]
    public async Task A_replica_is_waited_for_until_it_has_the_new_schema()
    {
        await using var database = await CreateAsync("schema", Limits);
        await cluster.PauseAsync();
        await cluster.ExecuteAsync("ALTER TABLE `schema`.orders ADD COLUMN late int");

        var late = await database.States.ReplicasAsync(TimeSpan.FromSeconds(1), default);
        var waiting = database.States.ReplicasAsync(TimeSpan.FromSeconds(30), default);
        await cluster.ResumeAsync();
        var there = await waiting;

        late.ShouldHaveSingleItem().ShouldSatisfyAllConditions(replica => replica.Name.ShouldBe("replica 2"), replica => replica.BytesBehind.ShouldNotBeNull().ShouldBeGreaterThan(0), replica => replica.Waited.ShouldBeGreaterThan(TimeSpan.FromSeconds(1)));
        there.ShouldHaveSingleItem().BytesBehind.ShouldBe(0);
    }

    [Fact]
    public async Task Who_reads_the_log_and_is_no_replica_is_left_out_where_it_is_said_how_many_count()
    {
        await using var database = await CreateAsync("captured", Limits);
        await using var reader = await cluster.ReadLogAsync();
        var watch = new RecordedWatch();

        var error = await Should.ThrowAsync<DeployOpsException>(database.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", default));
        await using var told = Open("captured", Limits with { Replicas = 1 });
        await told.Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT SLEEP(1)"), "kim", watch, default);
        var states = await told.States.ReplicasAsync(TimeSpan.FromSeconds(10), default);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("where it is no replica, say by Limits.Replicas how many there are");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldHaveSingleItem().ShouldStartWith("how far 1 more who read the binary log are behind: 1 replica counts, and deployer@127.0.0.1 reads it without report_host");
        watch.Evidence.PeakLagBytes.ShouldBeGreaterThanOrEqualTo(0);
        states.ShouldHaveSingleItem().BytesBehind.ShouldBe(0);
    }

    [Fact]
    public async Task A_replica_of_several_sources_is_measured_by_what_it_has_of_ours()
    {
        await using var database = await CreateAsync("several", Limits);
        await using var second = await cluster.ReplicateSeveralAsync();

        var states = await database.States.ReplicasAsync(TimeSpan.FromSeconds(20), default);

        states.Select(replica => (replica.Name, replica.BytesBehind)).ShouldBe([("replica 2", 0L), ("replica 4", 0L)], ignoreOrder: true);
    }

    private async Task<MariaDbDatabase> CreateAsync(string name, MigrationLimits limits)
    {
        Assert.SkipUnless(MariaDbCluster.IsInstalled, "MariaDB is not installed: no /usr/sbin/mariadbd.");
        await cluster.ExecuteAsync($"CREATE DATABASE `{name}`; CREATE TABLE `{name}`.orders (id int PRIMARY KEY, note varchar(200), status varchar(10)); INSERT INTO `{name}`.orders SELECT seq, REPEAT('x', 200), NULL FROM `{name}`.seq_1_to_20000");
        await cluster.CatchUpAsync();
        return Open(name, limits);
    }

    private MariaDbDatabase Open(string name, MigrationLimits limits) => new(Spec(name, limits), TimeProvider.System, MariaDbShop.Quick);

    private DatabaseSpec Spec(string name, MigrationLimits limits, string extra = "") =>
        new() { Name = "shop", Kind = "MariaDb", ConnectionString = cluster.ConnectionString(name) + extra, BaseFolder = "/", Limits = limits };

    private async Task UntilAsync(string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await cluster.ScalarAsync(sql) is null or "0")
        {
            await Task.Delay(20, limit.Token);
        }
    }
}

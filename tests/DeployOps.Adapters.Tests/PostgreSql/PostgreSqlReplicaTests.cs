using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.TestDecoding;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlReplicaTests(PostgreSqlReplicatedCluster cluster) : IClassFixture<PostgreSqlReplicatedCluster>
{
    private const int Chunk = 2_000;
    private const long Gate = 1024 * 1024;

    private const string Orders =
        "CREATE TABLE orders (id int PRIMARY KEY, note text, status text); INSERT INTO orders SELECT n, repeat('x', 200), NULL FROM generate_series(1, 40000) n; CREATE INDEX ON orders (id) WHERE status IS NULL; CHECKPOINT";

    // A fifth of a second a round, so that a replica can be stopped while some are done and others are not: stopped before the first look, it would be behind for nobody knows how long.
    private const string Slowed =
        $"{Orders}; CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$; CREATE TRIGGER slow AFTER UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION slow()";

    private static readonly MigrationScript Backfill = PostgreSqlShop.Script(
        "1__status", $"-- deployops: repeat-until-zero chunk={Chunk}\nUPDATE orders SET status = 'open' WHERE id IN (SELECT id FROM orders WHERE status IS NULL ORDER BY id LIMIT {Chunk})");

    private static readonly MigrationLimits Limits = new() { MaxLagBytes = Gate, CriticalSamples = 2 };

    [Fact]
    public async Task A_backfill_waits_for_a_replica_that_stands_and_goes_on_when_it_has_caught_up()
    {
        await using var shop = await cluster.CreateAsync(Slowed);
        var round = await RoundAsync(shop);
        var watch = new RecordedWatch();
        var applying = shop.Open(limits: Limits).Migrations.ApplyAsync(Backfill, "kim", watch, default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM orders WHERE status = 'open')");
        await cluster.PauseAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await Still.RunsAsync(applying);

        await cluster.ResumeAsync();
        await applying;

        var seen = watch.Evidence.ShouldNotBeNull();
        TestContext.Current.SendDiagnosticMessage(
            "peak lag {0:0.0} MiB and {1:0.0} s, gates held {2:0.0} s in {3} holds, server's own replay_lag {4} s, one round {5:0.0} MiB", seen.PeakLagBytes / 1048576.0, seen.PeakLag.TotalSeconds, seen.Held.TotalSeconds, seen.Holds,
            await shop.ScalarAsync("SELECT extract(epoch FROM replay_lag) FROM pg_stat_replication"), round / 1048576.0);
        seen.PeakLagBytes.ShouldBeInRange(Gate, Gate + round);
        seen.Held.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        seen.Fired[0].ShouldContain("walreceiver is ");
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status IS NULL")).ShouldBe(0L);
        (await shop.ScalarAsync("SELECT state || ' ' || rows FROM deployops.statement")).ShouldBe("done 40000");
    }

    // What the longest round writes to the log, measured on the same rows, and a tenth more: its record, and what the server writes by itself.
    private static async Task<long> RoundAsync(PostgreSqlShop shop)
    {
        await shop.ExecuteAsync("CREATE TABLE sample (LIKE orders INCLUDING ALL); INSERT INTO sample SELECT * FROM orders; CHECKPOINT");
        await using var connection = await shop.ConnectAsync();
        var longest = 0L;
        for (var (rows, before) = (1, await LoggedAsync()); rows > 0;)
        {
            rows = await new NpgsqlCommand($"UPDATE sample SET status = 'open' WHERE id IN (SELECT id FROM sample WHERE status IS NULL ORDER BY id LIMIT {Chunk})", connection).ExecuteNonQueryAsync();
            var now = await LoggedAsync();
            (longest, before) = (Math.Max(longest, now - before), now);
        }

        await shop.ExecuteAsync("DROP TABLE sample; CHECKPOINT");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn())");
        return longest + (longest / 10);

        async Task<long> LoggedAsync() => (long)(await new NpgsqlCommand("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", connection).ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task A_replica_is_waited_for_until_it_has_the_new_schema()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var states = shop.Open().States;
        await cluster.PauseAsync();
        await shop.ExecuteAsync("ALTER TABLE orders ADD COLUMN a int");

        var late = (await states.ReplicasAsync(TimeSpan.FromMilliseconds(300), default)).ShouldHaveSingleItem();
        var waiting = states.ReplicasAsync(TimeSpan.FromSeconds(30), default);
        await cluster.ResumeAsync();

        late.BytesBehind.ShouldNotBeNull().ShouldBeGreaterThan(0);
        (await waiting).ShouldHaveSingleItem().BytesBehind.ShouldBe(0);
    }

    [Fact]
    public async Task A_replica_that_is_behind_on_purpose_is_not_waited_for()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var name = (string)(await shop.ScalarAsync("SELECT application_name FROM pg_stat_replication"))!;
        var database = shop.Open(limits: new MigrationLimits { DelayedReplicas = [name], MaxLagBytes = 0, MaxLag = TimeSpan.Zero, Hold = TimeSpan.FromSeconds(1) });
        await cluster.PauseAsync();
        try
        {
            await database.Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "ALTER TABLE orders ADD COLUMN a int"), "kim", default);
            await database.Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "ALTER TABLE orders ADD COLUMN b int"), "kim", default);
            var state = (await database.States!.ReplicasAsync(TimeSpan.FromSeconds(30), default)).ShouldHaveSingleItem();
            (state.IsDelayed, state.IsLate, state.BytesBehind > 0, state.Waited < TimeSpan.FromSeconds(10)).ShouldBe((true, false, true, true));
        }
        finally
        {
            await cluster.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_stale_time_of_the_server_holds_nothing_once_the_replica_has_everything()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await cluster.PauseAsync();
        await shop.ExecuteAsync("UPDATE orders SET status = 'open' WHERE id < 5000");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await cluster.ResumeAsync();
        await shop.UntilAsync("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication");
        var stale = await shop.ScalarAsync("SELECT extract(epoch FROM replay_lag)::float8 FROM pg_stat_replication");
        var watch = new RecordedWatch();

        await shop.Open(limits: new MigrationLimits { MaxLag = TimeSpan.FromMilliseconds(500), Hold = TimeSpan.FromSeconds(5) }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", watch, default);

        TestContext.Current.SendDiagnosticMessage("server's own replay_lag {0} s", stale ?? "unknown");
        // More than is allowed, had it been believed.
        stale.ShouldBeOfType<double>().ShouldBeGreaterThan(0.5);
        watch.Evidence.ShouldNotBeNull().Holds.ShouldBe(0);
    }

    [Fact]
    public async Task A_replica_whose_replay_stood_before_anybody_looked_opens_no_gate_by_the_time_it_told_before()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open(limits: new MigrationLimits { MaxLag = TimeSpan.FromSeconds(1), Hold = TimeSpan.FromMilliseconds(500) }).Migrations;
        // What it tells is the time of what it replayed last, milliseconds.
        await shop.ExecuteAsync("UPDATE orders SET status = 'open' WHERE id = 1");
        await shop.UntilAsync("SELECT replay_lag < interval '500 ms' AND replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication");
        await cluster.PauseAsync();
        await shop.ExecuteAsync("UPDATE orders SET status = 'open' WHERE id = 2");
        await Task.Delay(TimeSpan.FromSeconds(2));
        var stale = await shop.ScalarAsync("SELECT extract(epoch FROM replay_lag)::float8 FROM pg_stat_replication WHERE replay_lsn < pg_current_wal_lsn()");

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default));
        await cluster.ResumeAsync();
        await shop.UntilAsync("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication");
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);

        TestContext.Current.SendDiagnosticMessage("behind for 2 s or more, server's own replay_lag {0} s", stale ?? "unknown");
        // Less than is allowed, and less than it is: it is stale.
        stale.ShouldBeOfType<double>().ShouldBeLessThan(1);
        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldMatch("walreceiver is [0-9.]+ (bytes|KiB) and at least [0-9.]+ s behind, at most 64 MiB and 1 s; held for ");
    }

    [Fact]
    public async Task Who_reads_the_log_by_a_logical_slot_of_another_database_holds_no_gate()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await cluster.CreateAsync("CREATE TABLE quiet (x int)");
        var slot = $"feed_{other.Name}";
        await using var reader = new LogicalReplicationConnection(other.ConnectionString) { WalReceiverStatusInterval = Timeout.InfiniteTimeSpan };
        await reader.Open();
        var from = await reader.CreateTestDecodingReplicationSlot(slot, temporarySlot: true);
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(reader, from, stop.Token);
        await shop.UntilAsync($"SELECT active FROM pg_replication_slots WHERE slot_name = '{slot}'");
        // It says what it has applied once, and of its database there is nothing more to apply.
        reader.SetReplicationStatus(from.ConsistentPoint);
        await reader.SendStatusUpdate(default);
        await shop.ExecuteAsync("UPDATE orders SET status = 'open'");
        await shop.UntilAsync($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > {Gate} FROM pg_stat_replication WHERE pid = (SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{slot}')");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = 'walreceiver' AND replay_lsn = pg_current_wal_lsn())");
        var migrations = shop.Open(limits: new MigrationLimits { MaxLagBytes = Gate, Hold = TimeSpan.FromSeconds(5) }).Migrations;

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", default);

        (await migrations.CountReplicasAsync(default)).ShouldBe(1);
        await stop.CancelAsync();
        await reading;
    }

    private static async Task ReadAsync(LogicalReplicationConnection reader, TestDecodingReplicationSlot slot, CancellationToken token)
    {
        try
        {
            await foreach (var _ in reader.StartReplication(slot, token))
            {
                // Nothing is written there.
            }
        }
        catch (OperationCanceledException)
        {
            // It has read long enough.
        }
    }

    [Fact]
    public async Task A_replica_that_dies_ends_a_backfill_and_the_next_run_goes_on_with_it()
    {
        await using var shop = await cluster.CreateAsync(Slowed);
        var applying = shop.Open(limits: Limits).Migrations.ApplyAsync(Backfill, "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM orders WHERE status = 'open')");

        await cluster.KillAsync();
        var error = await Should.ThrowAsync<DeployOpsException>(applying);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldMatch(@"^V1__status\.sql: the gate before round \d+ of statement 1 did not open: 0 of 1 replica there; so at 2 looks in a row\. Statement 1 \(line 2\) was interrupted\. .* Of it \d+ rounds? with \d+ rows are committed and stay\.");
        await shop.Open(limits: new MigrationLimits { Replicas = 0 }).Migrations.ApplyAsync(Backfill, "kim", default);
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status IS NULL")).ShouldBe(0L);
    }

    [Fact]
    public async Task An_account_that_may_not_see_replication_is_held_and_told_what_it_needs()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app'; GRANT CREATE ON DATABASE {shop.Name} TO {role}");
        var migrations = shop.Open(limits: Limits, connectionString: $"{shop.ConnectionString};Username={role};Password=app").Migrations;

        (await migrations.CountReplicasAsync(default)).ShouldBeNull();
        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", default));
        await shop.ExecuteAsync($"GRANT pg_monitor TO {role}");
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", default);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("how far its replicas are behind is unknown: the account may not see replication; GRANT pg_monitor TO it");
        (await migrations.CountReplicasAsync(default)).ShouldBe(1);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }
}

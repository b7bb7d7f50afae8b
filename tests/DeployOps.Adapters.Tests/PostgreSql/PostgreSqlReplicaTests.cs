using DeployOps.Migrations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlReplicaTests(PostgreSqlReplicatedCluster cluster) : IClassFixture<PostgreSqlReplicatedCluster>
{
    private const int Chunk = 2_000;
    private const long Gate = 1024 * 1024;

    // What a round writes: an old and a new version of a row of 200 characters, its index, and images of pages after a checkpoint.
    private const long OneChunk = 4 * 1024 * 1024;

    private const string Orders =
        "CREATE TABLE orders (id int PRIMARY KEY, note text, status text); INSERT INTO orders SELECT n, repeat('x', 200), NULL FROM generate_series(1, 40000) n; CREATE INDEX ON orders (id) WHERE status IS NULL; CHECKPOINT";

    private static readonly MigrationScript Backfill = PostgreSqlShop.Script(
        "1__status", $"-- deployops: repeat-until-zero chunk={Chunk}\nUPDATE orders SET status = 'open' WHERE id IN (SELECT id FROM orders WHERE status IS NULL ORDER BY id LIMIT {Chunk})");

    private static readonly MigrationLimits Limits = new() { MaxLagBytes = Gate, CriticalSamples = 2 };

    [Fact]
    public async Task A_backfill_waits_for_a_replica_that_stands_and_goes_on_when_it_has_caught_up()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var watch = new RecordedWatch();
        await cluster.PauseAsync();
        var applying = shop.Open(limits: Limits).Migrations.ApplyAsync(Backfill, "kim", watch, default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM orders WHERE status = 'open')");
        await Task.Delay(TimeSpan.FromSeconds(3));
        applying.IsCompleted.ShouldBeFalse();

        await cluster.ResumeAsync();
        await applying;

        var seen = watch.Evidence.ShouldNotBeNull();
        TestContext.Current.SendDiagnosticMessage(
            "peak lag {0:0.0} MiB and {1:0.0} s, gates held {2:0.0} s in {3} holds, server's own replay_lag {4} s", seen.PeakLagBytes / 1048576.0, seen.PeakLag.TotalSeconds, seen.Held.TotalSeconds, seen.Holds,
            await shop.ScalarAsync("SELECT extract(epoch FROM replay_lag) FROM pg_stat_replication"));
        seen.PeakLagBytes.ShouldBeInRange(Gate, Gate + OneChunk);
        seen.Held.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        seen.Fired[0].ShouldContain("walreceiver is ");
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status IS NULL")).ShouldBe(0L);
        (await shop.ScalarAsync("SELECT state || ' ' || rows FROM deployops.statement")).ShouldBe("done 40000");
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
    public async Task A_stale_time_of_the_server_holds_nothing_once_the_replica_has_everything()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await cluster.PauseAsync();
        await shop.ExecuteAsync("UPDATE orders SET status = 'open' WHERE id < 5000");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await cluster.ResumeAsync();
        await shop.UntilAsync("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication");
        var stale = await shop.ScalarAsync("SELECT extract(epoch FROM replay_lag) FROM pg_stat_replication");
        var watch = new RecordedWatch();

        await shop.Open(limits: new MigrationLimits { MaxLag = TimeSpan.FromMilliseconds(500), Hold = TimeSpan.FromSeconds(5) }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", watch, default);

        TestContext.Current.SendDiagnosticMessage("server's own replay_lag {0} s", stale ?? "unknown");
        watch.Evidence.ShouldNotBeNull().Holds.ShouldBe(0);
    }

    [Fact]
    public async Task A_replica_that_dies_ends_a_backfill_and_the_next_run_goes_on_with_it()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await cluster.PauseAsync();
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

using System.Text.RegularExpressions;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlSlotTests(PostgreSqlScratchTests.Other other) : IClassFixture<PostgreSqlScratchTests.Other>
{
    private const string Slot = "SELECT pg_create_physical_replication_slot('standby_2', true); CREATE TABLE filler (x text);";

    // Some 40 MB of log.
    private const string Much = "INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 40000) n";

    [Fact]
    public async Task A_slot_that_keeps_the_log_for_nobody_is_shown_and_kept_as_evidence()
    {
        await using var shop = await other.Cluster.CreateAsync(Slot);
        try
        {
            await shop.ExecuteAsync(Much);
            var watch = new RecordedWatch();

            await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__wait", "SELECT pg_sleep(1.5)"), "kim", watch, default);

            var slot = watch.Told[^1].Sample.ShouldNotBeNull().Slots.ShouldHaveSingleItem();
            (slot.Name, slot.IsActive, slot.IsIdle).ShouldBe(("standby_2", false, true));
            watch.Told[^1].ToString().ShouldMatch(@", slot standby_2, inactive, keeps [0-9.]+ MiB of the log$");
            watch.Evidence.ShouldNotBeNull().PeakIdleSlotBytes.ShouldBeGreaterThan(16L << 20);
            watch.Evidence.Holds.ShouldBe(0);
        }
        finally
        {
            await shop.ExecuteAsync("SELECT pg_drop_replication_slot('standby_2')");
        }
    }

    [Fact]
    public async Task A_slot_that_would_lose_what_it_keeps_holds_the_gate_until_it_is_safe_again()
    {
        await using var shop = await other.Cluster.CreateAsync(Slot + "ALTER SYSTEM SET max_slot_wal_keep_size = '96MB'; SELECT pg_reload_conf();");
        try
        {
            await shop.ExecuteAsync(Much);
            await shop.ExecuteAsync(Much);
            var watch = new RecordedWatch();
            var applying = shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default);
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            var wasHeld = !applying.IsCompleted;

            await shop.ExecuteAsync("ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf()");
            await applying;

            wasHeld.ShouldBeTrue();
            watch.Evidence.ShouldNotBeNull().Fired.ShouldHaveSingleItem().ShouldMatch(
                @"^the gate before the script held for [0-9.]+ s: slot standby_2, inactive, keeps [0-9.]+ MiB of the log and can keep [0-9.]+ MiB more; beyond that its replica cannot come back$");
        }
        finally
        {
            await shop.ExecuteAsync("ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf(); SELECT pg_drop_replication_slot('standby_2')");
        }
    }

    [Fact]
    public async Task A_limit_below_what_a_replica_may_be_behind_opens_the_gate_while_the_slot_keeps_little_and_holds_it_once_half_is_used_up()
    {
        await using var shop = await other.Cluster.CreateAsync(Slot + "ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'; SELECT pg_reload_conf();");
        try
        {
            var quiet = new RecordedWatch();
            await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", quiet, default);

            await shop.ExecuteAsync("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 28000) n");
            var limits = new MigrationLimits { Hold = TimeSpan.FromSeconds(1) };
            var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: limits).Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "CREATE TABLE b (x int)"), "kim", new RecordedWatch(), default));

            quiet.Evidence.ShouldNotBeNull().Holds.ShouldBe(0);
            error.ErrorId.ShouldBe("MigrationGateHeld");
            error.Message.ShouldContain("beyond that its replica cannot come back");
        }
        finally
        {
            await shop.ExecuteAsync("ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf(); SELECT pg_drop_replication_slot('standby_2')");
        }
    }

    [Fact]
    public async Task A_replaced_database_that_cannot_be_dropped_is_named_with_the_slot_that_keeps_the_log()
    {
        await using var shop = await other.Cluster.CreateAsync("CREATE TABLE orders (x int)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        var slot = $"feed_{shop.Name}";
        // A template is not dropped.
        await shop.ExecuteAsync($"ALTER DATABASE {shop.Name} IS_TEMPLATE true; SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");

        var told = await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default);

        var kept = Regex.Match(told, "deployops_replaced_[0-9a-f]{12}").Value;
        told.ShouldContain($"the database {kept}, which holds what it was, could not be dropped: ");
        told.ShouldContain($" The server keeps its log for the replication slot {slot} in it until it is dropped.");
        await other.Cluster.ExecuteAsync($"ALTER DATABASE {kept} IS_TEMPLATE false");
        await other.Cluster.ExecuteAsync($"DROP DATABASE {kept} WITH (FORCE)");
    }
}

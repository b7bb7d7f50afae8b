using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>One script after another runs on the same connections, and none sees what the one before it left.</summary>
public sealed class PostgreSqlKeptConnectionTests(PostgreSqlCluster cluster)
{
    [Theory]
    [InlineData("")]
    [InlineData("-- deployops: transaction=none\n")]
    public async Task Nothing_leaks_from_one_script_to_the_next(string header)
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE TABLE seen (pid int, what text); CREATE ROLE {role}; GRANT ALL ON seen TO {role}; CREATE SEQUENCE numbers; GRANT ALL ON numbers TO {role}");
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(
            PostgreSqlShop.Script(
                "1__leaks",
                header + $"SET search_path = nowhere, public; SET my.setting = 'x'; SET lock_timeout = '7min'; CREATE TEMP TABLE left_over (x int); PREPARE left_statement AS SELECT 1; "
                + $"SELECT pg_advisory_lock(4711); SELECT nextval('numbers'); LISTEN left_channel; INSERT INTO seen VALUES (pg_backend_pid(), 'first'); SET ROLE {role};"),
            "kim",
            default);

        await migrations.ApplyAsync(
            PostgreSqlShop.Script(
                "2__looks",
                header + """
                INSERT INTO seen SELECT pg_backend_pid(), concat_ws(' ', current_user, current_setting('search_path'), nullif(current_setting('my.setting', true), ''), to_regclass('pg_temp.left_over'),
                    (SELECT count(*) FROM pg_prepared_statements WHERE name = 'left_statement'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711), (SELECT count(*) FROM pg_listening_channels()),
                    current_setting('lock_timeout'));
                """),
            "kim",
            default);

        (await shop.ScalarAsync("SELECT string_agg(what, '|' ORDER BY what DESC) FROM seen WHERE what <> 'first'")).ShouldBe("postgres \"$user\", public 0 0 0 200ms");
        (await shop.ScalarAsync("SELECT count(DISTINCT pid) FROM seen")).ShouldBe(1L);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_connection_that_the_server_ended_between_two_scripts_is_made_anew()
    {
        await using var shop = await cluster.CreateAsync();
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);
        await shop.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "CREATE TABLE b (x int)"), "kim", default);
        await shop.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Between_two_scripts_others_may_migrate_and_closing_ends_the_connections()
    {
        await using var shop = await cluster.CreateAsync();
        var first = shop.Open();
        await first.Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "CREATE TABLE b (x int)"), "sam", default);
        await first.Migrations.ApplyAsync(PostgreSqlShop.Script("3__c", "CREATE TABLE c (x int)"), "kim", default);
        await first.DisposeAsync();

        await shop.UntilAsync("SELECT count(*) <= 2 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'deployops%'");
    }

    [Fact]
    public async Task A_network_that_is_gone_does_not_keep_a_stop_waiting()
    {
        await using var shop = await cluster.CreateAsync();
        await using var wire = new PostgreSqlWire(cluster.Port);
        var watch = new RecordedWatch();
        using var stop = new CancellationTokenSource();
        var applying = shop.Open(connectionString: wire.Over(shop.ConnectionString)).Migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int); SELECT pg_sleep(600)"), "kim", watch, stop.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
        wire.GoSilent();
        await Task.Delay(TimeSpan.FromSeconds(1));

        await stop.CancelAsync();
        var ended = await Task.WhenAny(applying, Task.Delay(TimeSpan.FromSeconds(90)));

        ended.ShouldBe(applying);
        await Should.ThrowAsync<OperationCanceledException>(applying);
        watch.Evidence.ShouldNotBeNull().Missed.ShouldBeGreaterThan(0);
    }
}

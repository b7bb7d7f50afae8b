using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlWatchTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id serial PRIMARY KEY, total numeric)";

    // The number of the promise.
    private static readonly TimeSpan OverLockTimeout = TimeSpan.FromMilliseconds(200);
    // The tests of all adapters run beside others, which keep the machine busy; --full is alone on its machine, and the promise holds as it is. Whoever is waited for stays longer than that, or all of it
    // would show nothing.
    private static readonly TimeSpan Slack = MigratorProcess.IsFull ? TimeSpan.Zero : TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongerThanAnyBound = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task An_application_behind_a_blocked_script_waits_no_longer_than_the_lock_timeout()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await ReadAsync(shop);
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");
        var pace = PostgreSqlShop.Quick with { LockTimeout = TimeSpan.FromMilliseconds(500), Tries = 50 };
        // By the timeout alone: what it does to others cancels it no sooner.
        var applying = shop.Open(pace: pace, limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__status", "ALTER TABLE orders ADD status text"), "kim", default);
        await Still.RunsAsync(applying, LongerThanAnyBound);

        await reader.CloseAsync();
        await applying;

        TestContext.Current.SendDiagnosticMessage(
            "longest of {0} answers {1:0} ms, {2:0} ms of them within the server; the lock timeout is {3:0} ms", pinger.Answers, pinger.Longest.TotalMilliseconds, pinger.LongestOfServer.TotalMilliseconds, pace.LockTimeout.TotalMilliseconds);
        pinger.LongestOfServer.ShouldBeGreaterThan(pace.LockTimeout / 2);
        pinger.Longest.ShouldBeLessThan(pace.LockTimeout + OverLockTimeout + Slack);
        pinger.Answers.ShouldBeGreaterThan(2);
        (await shop.ScalarAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'status'")).ShouldBe(1L);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- deployops: transaction=none\n")]
    public async Task What_keeps_nobody_waiting_while_it_waits_is_let_wait(string header)
    {
        await using var shop = await cluster.CreateAsync(Orders + "; ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID");
        await using var other = await LockAsync(shop);
        var applying = shop.Open(pace: PostgreSqlShop.Quick with { Tries = 2 }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__valid", header + "ALTER TABLE IF EXISTS ONLY orders VALIDATE CONSTRAINT positive"), "kim", default);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await Still.RunsAsync(applying);

        await other.CloseAsync();
        await applying;

        (await shop.ScalarAsync("SELECT convalidated FROM pg_constraint WHERE conname = 'positive'")).ShouldBe(true);
    }

    [Theory]
    [InlineData("CREATE TABLE other (x int);\nALTER TABLE orders VALIDATE CONSTRAINT positive")]
    [InlineData("ALTER TABLE orders VALIDATE CONSTRAINT positive, ADD x int")]
    [InlineData("SET lock_timeout = '300ms';\nALTER TABLE orders VALIDATE CONSTRAINT positive")]
    [InlineData("-- deployops: transaction=none\nSET lock_timeout = '300ms';\nALTER TABLE orders VALIDATE CONSTRAINT positive")]
    public async Task What_has_locked_something_or_says_itself_how_long_is_not(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders + "; ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID");
        await using var other = await LockAsync(shop);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(pace: PostgreSqlShop.Quick with { Tries = 2 }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__valid", sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationLockTimeout");
    }

    [Fact]
    public async Task A_plan_says_how_long_and_how_often_a_lock_is_waited_for()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await LockAsync(shop);
        var spec = new DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = shop.ConnectionString, BaseFolder = shop.Folder, Limits = new MigrationLimits { LockTimeout = TimeSpan.FromMilliseconds(100), LockTries = 2 } };
        await using var database = new PostgreSqlDatabase(spec, TimeProvider.System);

        var error = await Should.ThrowAsync<DeployOpsException>(database.Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "ALTER TABLE orders ADD a int"), "kim", default));

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        error.Message.ShouldContain("canceling statement due to lock timeout (55P03), 2 tries.");
    }

    [Fact]
    public async Task A_script_that_only_waits_with_others_behind_it_is_cancelled_and_tried_again()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await ReadAsync(shop);
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");
        var watch = new RecordedWatch();
        var patient = PostgreSqlShop.Quick with { LockTimeout = TimeSpan.FromMinutes(1), Tries = 50 };
        var applying = shop.Open(pace: patient, limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMilliseconds(300) })
            .Migrations.ApplyAsync(PostgreSqlShop.Script("1__status", "ALTER TABLE orders ADD status text"), "kim", watch, default);
        await Still.RunsAsync(applying, LongerThanAnyBound);

        await reader.CloseAsync();
        await applying;

        var seen = watch.Evidence.ShouldNotBeNull();
        seen.Fired.ShouldNotBeEmpty();
        seen.Fired[0].ShouldMatch(@"^cancelled: a session waited [0-9.]+ s for it, at most 0\.3 s are allowed; it blocked 1 session \(shop-web\) for [0-9.]+ s while it waited for a lock itself$");
        (seen.PeakBlocked, seen.Samples > 3).ShouldBe((1, true));
    }

    [Fact]
    public async Task A_rewrite_that_keeps_an_application_waiting_is_cancelled_and_nothing_is_changed()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total) SELECT n FROM generate_series(1, 3) n");
        var before = await shop.ScalarAsync("SELECT pg_relation_filenode('orders')");
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");
        var watch = new RecordedWatch();

        // Ten seconds a row: a table that is big on any machine.
        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__wide", "CREATE TABLE early (x int);\nALTER TABLE orders ALTER total TYPE text USING (total || pg_sleep(10)::text)"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationBlockedOthers");
        error.Message.ShouldMatch(@"^V1__wide\.sql:2: cancelled, a session waited [0-9.]+ s for it, at most 1 s are allowed; it blocked 1 session \(shop-web\) for [0-9.]+ s; 1 try\. Nothing of the script is left\.");
        (await shop.HasAsync("early")).ShouldBeFalse();
        (await shop.ScalarAsync("SELECT pg_relation_filenode('orders')")).ShouldBe(before);
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE pg_typeof(total) = 'numeric'::regtype")).ShouldBe(3L);
        watch.Evidence.ShouldNotBeNull().Fired.ShouldHaveSingleItem().ShouldStartWith("cancelled: a session waited");
        TestContext.Current.SendDiagnosticMessage("longest answer {0:0} ms", pinger.Longest.TotalMilliseconds);
        pinger.Longest.ShouldBeLessThan(TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(250 + 500) + Slack);
    }

    [Fact]
    public async Task A_lock_that_is_held_between_statements_counts_too()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");
        var sleeps = string.Join('\n', Enumerable.Repeat("DO $$ BEGIN PERFORM pg_sleep(0.1); END $$;", 100));

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__many", "ALTER TABLE orders ADD status text;\n" + sleeps), "kim", default));

        error.ErrorId.ShouldBe("MigrationBlockedOthers");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'status'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Outside_of_a_transaction_what_was_done_stays_and_is_told()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total) VALUES (1)");
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__parts", "-- deployops: transaction=none\nCREATE TABLE early (x int);\nALTER TABLE orders ALTER total TYPE text USING (total || pg_sleep(10)::text)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationBlockedOthers");
        error.Message.ShouldContain("V1__parts.sql:3: cancelled, a session waited");
        error.Message.ShouldContain("Statement 2 (line 3) failed. The one before it is committed and stays; the next run continues with it.");
        (await shop.HasAsync("early")).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_only_to_keep_the_table_in_order_cancels_no_index()
    {
        await using var shop = await cluster.CreateAsync(
            Orders + "; INSERT INTO orders (total) VALUES (1), (2); CREATE FUNCTION slowly(x numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN x; END $$");
        var watch = new RecordedWatch();
        var applying = shop.Open(limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMilliseconds(300) }).Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__index", "CREATE INDEX CONCURRENTLY by_total ON orders (slowly(total))"), "kim", watch, default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        var cleaning = shop.ExecuteAsync("VACUUM orders");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'ShareUpdateExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
        await applying;
        await cleaning;

        var seen = watch.Evidence.ShouldNotBeNull();
        (seen.PeakBlocked, seen.Fired.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Going_back_shows_how_far_it_is_and_keeps_what_was_seen()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "SELECT 1"), "kim", default);
        var watch = new RecordedWatch();

        await migrations.RevertAsync(PostgreSqlShop.Undo("1__it", "SELECT pg_sleep(1.5)"), watch, default);

        watch.Told.ShouldContain(progress => progress.ToString().Contains("waits for Timeout/PgSleep"));
        watch.Evidence.ShouldNotBeNull().Samples.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Going_back_is_not_cancelled()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total) VALUES (1)");
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__wide", "SELECT 1"), "kim", default);
        await using var pinger = await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders");

        await migrations.RevertAsync(PostgreSqlShop.Undo("1__wide", "ALTER TABLE orders ALTER total TYPE text USING (total || pg_sleep(2)::text)"), default);

        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Progress_says_the_statement_and_what_it_waits_for()
    {
        await using var shop = await cluster.CreateAsync();
        var watch = new RecordedWatch();

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int);\nDO $$ BEGIN PERFORM pg_sleep(5); END $$;\nSELECT 1"), "kim", watch, default);

        watch.Told.ShouldContain(progress => progress.Statement == 2 && progress.Statements == 3 && progress.Percent == 33 && progress.ToString().Contains("waits for Timeout/PgSleep"));
        var seen = watch.Evidence.ShouldNotBeNull();
        seen.Fired.ShouldBeEmpty();
        seen.Unknown.ShouldBeEmpty();
        seen.PeakCpu.ShouldNotBeNull().ShouldBeInRange(0, 1);
        seen.LeastFreeDisk.ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task How_far_an_ANALYZE_is_the_server_knows()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total) SELECT n FROM generate_series(1, 40000) n");
        var watch = new RecordedWatch();

        // A page costs one, and each that is paid for is slept for. Who makes a logical slot on this server meanwhile waits for every transaction.
        await shop.Open(limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__count", "SET LOCAL vacuum_cost_delay = '20ms';\nSET LOCAL vacuum_cost_limit = 1;\nANALYZE orders"), "kim", watch, default);

        var seen = watch.Told.Where(progress => progress is { Statement: 3, Sample.Percent: > 0 and < 100 }).ToList();
        seen.ShouldNotBeEmpty();
        seen.ShouldContain(progress => progress.ToString().Contains(" %, acquiring sample rows, "));
        seen.Select(progress => progress.Percent!.Value).ShouldBeInOrder();
    }

    [Fact]
    public async Task How_far_a_COPY_is_is_told_by_rows_and_of_a_file_in_percent()
    {
        await using var shop = await cluster.CreateAsync("""
            CREATE TABLE rows (id int, filler text); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
            CREATE TRIGGER slow BEFORE INSERT ON rows FOR EACH ROW EXECUTE FUNCTION slow();
            """);
        var file = $"{await shop.ScalarAsync("SELECT current_setting('data_directory')")}/{shop.Name}.copy";
        await shop.ExecuteAsync($"COPY (SELECT n, repeat('x', 2000) FROM generate_series(1, 200) n) TO '{file}'");
        var (ofFile, ofClient) = (new RecordedWatch(), new RecordedWatch());

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__file", $"COPY rows FROM '{file}'"), "kim", ofFile, default);
        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("2__rows", $"COPY rows FROM stdin;\n{string.Concat(Enumerable.Range(1, 200).Select(n => $"{n}\t{new string('x', 2000)}\n"))}\\.\n"), "kim", ofClient, default);

        ofFile.Told.ShouldContain(progress => progress.Sample != null && progress.Sample.Percent > 0 && progress.Sample.Percent < 100 && progress.ToString().Contains("copy from: "));
        ofClient.Told.ShouldContain(progress => progress.Sample != null && progress.Sample.Percent == null && progress.Sample.Work.StartsWith("copy from: "));
        ofClient.Told.Where(progress => progress.Sample?.Work.Length > 0).Select(progress => progress.Sample!.Work).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task An_account_that_sees_little_is_told_so_and_does_not_keep_others_waiting_all_the_same()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app'; {Orders}; INSERT INTO orders (total) VALUES (1); ALTER TABLE orders OWNER TO {role}");
        await shop.ExecuteAsync($"GRANT CREATE ON DATABASE {shop.Name} TO {role}; GRANT CREATE ON SCHEMA public TO {role}");
        var watch = new RecordedWatch();
        DeployOpsException error;
        await using (await PostgreSqlPinger.StartAsync(shop, "SELECT count(*) FROM orders"))
        {
            error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};Username={role};Password=app").Migrations.ApplyAsync(
                PostgreSqlShop.Script("1__wide", "ALTER TABLE orders ALTER total TYPE text USING (total || pg_sleep(10)::text)"), "kim", watch, default));
        }

        error.ErrorId.ShouldBe("MigrationBlockedOthers", error.Message);
        error.Message.ShouldContain("it blocked 1 session (shop-web)");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldBe(["transactions and replication of other accounts: grant pg_monitor"]);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    // As VACUUM does, which keeps no reader and no writer out.
    private static async Task<NpgsqlConnection> LockAsync(PostgreSqlShop shop)
    {
        var other = await shop.ConnectAsync();
        await new NpgsqlCommand("BEGIN", other).ExecuteNonQueryAsync();
        await new NpgsqlCommand("LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE", other).ExecuteNonQueryAsync();
        return other;
    }

    private static async Task<NpgsqlConnection> ReadAsync(PostgreSqlShop shop)
    {
        var reader = await shop.ConnectAsync();
        await new NpgsqlCommand("BEGIN", reader).ExecuteNonQueryAsync();
        await new NpgsqlCommand("SELECT count(*) FROM orders", reader).ExecuteScalarAsync();
        return reader;
    }
}

using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbWatchTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, total int, note varchar(200)); INSERT INTO orders (total) VALUES (1), (2)";

    // The numbers of the promise: beyond a lock timeout, and beyond what a breaker allows, until the next look and until it has cancelled.
    private static readonly TimeSpan OverLockTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OverBreaker = TimeSpan.FromMilliseconds(250 + 500);
    // The tests of all adapters run beside others, which keep the machine busy; --full is alone on its machine, and the promise holds as it is. Whoever is waited for stays longer than that.
    private static readonly TimeSpan Slack = MigratorProcess.IsFull ? TimeSpan.Zero : TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongerThanAnyBound = TimeSpan.FromSeconds(6);
    private static readonly MigrationLimits Impatient = new() { MaxBlockedFor = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task An_application_behind_a_blocked_script_waits_no_longer_than_the_lock_timeout()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        await using var pinger = await MariaDbPinger.StartAsync(shop, "SELECT COUNT(*) FROM orders");
        // The server counts whole seconds.
        var pace = MariaDbShop.Quick with { LockTimeout = TimeSpan.FromSeconds(1), Tries = 50 };
        // By the timeout alone: what it does to others cancels it no sooner.
        var applying = shop.Open(pace: pace, limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", default);
        await Still.RunsAsync(applying, LongerThanAnyBound);

        await reader.CloseAsync();
        await applying;

        TestContext.Current.SendDiagnosticMessage("longest of {0} answers {1:0} ms; the lock timeout is {2:0} ms", pinger.Answers, pinger.Longest.TotalMilliseconds, pace.LockTimeout.TotalMilliseconds);
        pinger.Longest.ShouldBeInRange(pace.LockTimeout / 2, pace.LockTimeout + OverLockTimeout + Slack);
        pinger.Answers.ShouldBeGreaterThan(2);
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_application_behind_a_definition_that_waits_is_let_go_and_the_definition_is_tried_again()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        await using var pinger = await MariaDbPinger.StartAsync(shop, "SELECT COUNT(*) FROM orders");
        var watch = new RecordedWatch();
        var patient = MariaDbShop.Quick with { LockTimeout = TimeSpan.FromMinutes(1), Tries = 50 };
        var applying = shop.Open(pace: patient, limits: Impatient).Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", watch, default);
        await Still.RunsAsync(applying, LongerThanAnyBound);

        await reader.CloseAsync();
        await applying;

        TestContext.Current.SendDiagnosticMessage("longest answer {0:0} ms of {1}", pinger.Longest.TotalMilliseconds, pinger.Answers);
        pinger.Longest.ShouldBeLessThan(Impatient.MaxBlockedFor + OverBreaker + Slack);
        var seen = watch.Evidence.ShouldNotBeNull();
        seen.Fired.ShouldNotBeEmpty();
        seen.Fired[0].ShouldMatch(@"^cancelled: a session waited [0-9.]+ s for it, at most 0\.3 s are allowed; it blocked 1 session \(deployer@127\.0\.0\.1\) for [0-9.]+ s while it waited for a lock itself$");
        seen.PeakBlocked.ShouldBe(1);
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_for_the_script_counts_also_where_he_has_chosen_no_database()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        var watch = new RecordedWatch();
        var applying = shop.Open(pace: MariaDbShop.Quick with { LockTimeout = TimeSpan.FromMinutes(1), Tries = 50 }, limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) })
            .Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", watch, default);
        await cluster.UntilAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{shop.Name}' AND STATE LIKE 'Waiting for%metadata lock'");

        var stranger = cluster.ExecuteAsync($"DO (SELECT COUNT(*) FROM {shop.Name}.orders)");
        await Task.Delay(TimeSpan.FromSeconds(2));
        await reader.CloseAsync();
        await applying;
        await stranger;

        watch.Evidence.ShouldNotBeNull().PeakBlocked.ShouldBe(1);
    }

    [Fact]
    public async Task Who_waits_for_a_table_that_somebody_else_holds_cancels_nothing()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE stock (x int)");
        await using var other = await shop.ConnectAsync();
        await new MySqlConnector.MySqlCommand("LOCK TABLES stock WRITE", other).ExecuteNonQueryAsync();
        var watch = new RecordedWatch();
        var applying = shop.Open(limits: Impatient).Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (total) SELECT SLEEP(4)"), "kim", watch, default);
        await shop.UntilRunsAsync("INSERT INTO orders (total) SELECT SLEEP(4)");

        var waiting = shop.ScalarAsync("SELECT COUNT(*) FROM stock");
        await applying;
        await new MySqlConnector.MySqlCommand("UNLOCK TABLES", other).ExecuteNonQueryAsync();
        (await waiting).ShouldBe("0");

        var seen = watch.Evidence.ShouldNotBeNull();
        (seen.PeakBlocked, seen.Fired.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_copy_of_the_table_that_keeps_writers_waiting_is_cancelled_and_nothing_is_changed()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total, note) SELECT seq, REPEAT('x', 180) FROM seq_1_to_400000");
        await using var pinger = await MariaDbPinger.StartAsync(shop, "UPDATE orders SET total = total + 1 WHERE id = 1");
        var watch = new RecordedWatch();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMilliseconds(50) }).Migrations.ApplyAsync(
            MariaDbShop.Script("1__wide", "CREATE TABLE early (x int);\nALTER TABLE orders ADD status int, ADD KEY by_note (note), ALGORITHM = COPY"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationBlockedOthers", error.Message);
        error.Message.ShouldMatch(@"^V1__wide\.sql:2: cancelled, a session waited [0-9.]+ s for it, at most 0\.05 s are allowed; it blocked 1 session \(deployer@127\.0\.0\.1\) for [0-9.]+ s; 1 try\. Statement 2 \(line 2\) failed\. The one before it is committed and stays;");
        (await shop.HasColumnAsync("orders", "status")).ShouldBeFalse();
        (await shop.HasAsync("early")).ShouldBeTrue();
        watch.Evidence.ShouldNotBeNull().Fired.ShouldHaveSingleItem().ShouldStartWith("cancelled: a session waited");
        watch.Told.ShouldContain(progress => progress.Sample!.StrongLocks.Count > 0);
        TestContext.Current.SendDiagnosticMessage("longest answer {0:0} ms; progress {1}", pinger.Longest.TotalMilliseconds, string.Join(" | ", watch.Told.Select(progress => progress.ToString())));
    }

    [Fact]
    public async Task Rows_that_are_kept_locked_count_and_nothing_of_the_script_is_left()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var pinger = await MariaDbPinger.StartAsync(shop, "UPDATE orders SET total = total + 1 WHERE id = 1");

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__notes", "UPDATE orders SET note = 'x';\nSELECT SLEEP(20);"), "kim", default));

        error.ErrorId.ShouldBe("MigrationBlockedOthers", error.Message);
        error.Message.ShouldMatch(@"^V1__notes\.sql(:2)?: cancelled, a session waited [0-9.]+ s for it, at most 1 s are allowed; it blocked 1 session");
        error.Message.ShouldContain("Nothing of the script is left.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE note = 'x'")).ShouldBe("0");
        TestContext.Current.SendDiagnosticMessage("longest answer {0:0} ms of {1}", pinger.Longest.TotalMilliseconds, pinger.Answers);
        pinger.Longest.ShouldBeLessThan(TimeSpan.FromSeconds(1) + OverBreaker + Slack);
    }

    [Fact]
    public async Task Going_back_shows_how_far_it_is_and_keeps_what_was_seen()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", default);
        var watch = new RecordedWatch();

        await migrations.RevertAsync(MariaDbShop.Undo("1__it", "SELECT SLEEP(1.5)"), watch, default);

        watch.Told.ShouldContain(progress => progress.ToString().Contains("waits for User sleep"));
        watch.Evidence.ShouldNotBeNull().Samples.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Going_back_is_not_cancelled()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("1__notes", "SELECT 1"), "kim", default);
        await using var pinger = await MariaDbPinger.StartAsync(shop, "UPDATE orders SET total = total + 1 WHERE id = 1");

        await migrations.RevertAsync(MariaDbShop.Undo("1__notes", "UPDATE orders SET note = 'x';\nSELECT SLEEP(2);"), default);

        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Progress_says_the_statement_and_what_it_waits_for()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var watch = new RecordedWatch();

        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "CREATE TABLE a (x int);\nSELECT SLEEP(3);\nSELECT 1"), "kim", watch, default);

        watch.Told.ShouldContain(progress => progress.Statement == 2 && progress.Statements == 3 && progress.Percent == 33 && progress.ToString().Contains("waits for User sleep"));
        var seen = watch.Evidence.ShouldNotBeNull();
        seen.Fired.ShouldBeEmpty();
        seen.Unknown.ShouldBeEmpty();
        seen.PeakCpu.ShouldNotBeNull().ShouldBeInRange(0, 1);
        seen.LeastFreeDisk.ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_servers_own_progress_is_shown()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total, note) SELECT seq, REPEAT('x', 180) FROM seq_1_to_600000");
        var watch = new RecordedWatch();

        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__copy", "ALTER TABLE orders ADD status int, ADD KEY by_note (note), ALGORITHM = COPY"), "kim", watch, default);

        TestContext.Current.SendDiagnosticMessage("{0}", string.Join(" | ", watch.Told.Select(progress => progress.ToString())));
        watch.Told.ShouldContain(progress => progress.Sample!.Percent > 0 && progress.Sample.Work.Length > 0);
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD a int", "shop", "orders", true)]
    [InlineData("ALTER TABLE `shop`.`orders` ADD a int", "shop", "orders", true)]
    [InlineData("ALTER TABLE orders ADD a int", "other", "orders", false)]
    [InlineData("ALTER TABLE other.orders ADD a int", "other", "orders", true)]
    [InlineData("ALTER TABLE old_orders ADD a int", "shop", "orders", false)]
    [InlineData("ALTER TABLE orders2 ADD a int", "shop", "orders", false)]
    [InlineData("DROP TABLE order_lines, orders", "shop", "ORDERS", true)]
    public void A_lock_is_of_a_statement_that_names_its_table_and_its_database_where_that_is_another(string sql, string database, string table, bool isOf) =>
        new MariaDbSampling.Lock(7, "MDL_EXCLUSIVE", database, table).IsOf(sql, "shop").ShouldBe(isOf);

    [Fact]
    public async Task An_account_that_sees_little_is_told_so()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few'");
        var watch = new RecordedWatch();

        await shop.Open(connectionString: $"{shop.ConnectionString};User ID={user};Password=few").Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "ALTER TABLE orders ADD status int"), "kim", watch, default);

        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain("transactions and waits of other accounts: grant PROCESS");
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
        await cluster.ExecuteAsync($"DROP USER {user}");
    }
}

using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Who waits for a script, where no plugin tells the locks: each on a server of its own.</summary>
public sealed class MariaDbUntoldLocksTests
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, total int, note varchar(200)); INSERT INTO orders (total) VALUES (1), (2)";

    private static readonly MigrationLimits Impatient = new() { MaxBlockedFor = TimeSpan.FromMilliseconds(300) };

    // Where locks are seen, who waits behind somebody who waits for the script counts as that one's.
    [Theory]
    [InlineData("--metadata-lock-info=OFF", "", "", 0)]
    [InlineData("--metadata-lock-info=OFF", "CREATE VIEW stocks AS SELECT * FROM stock; CREATE TRIGGER s BEFORE INSERT ON stock FOR EACH ROW SET NEW.x = 1", "", 0)]
    [InlineData("--metadata-lock-info=OFF", "", "orders", 2)]
    [InlineData("--metadata-lock-info=OFF --performance-schema=ON --performance-schema-instrument=wait/lock/metadata/sql/mdl=ON", "", "", 0)]
    [InlineData("--metadata-lock-info=OFF --performance-schema=ON --performance-schema-instrument=wait/lock/metadata/sql/mdl=ON", "", "orders", 1)]
    public async Task Who_waits_behind_the_definition_of_another_table_cancels_nothing(string options, string more, string named, int blocked)
    {
        await using var server = new MariaDbCluster { Options = ["--skip-log-bin", .. options.Split(' ')] };
        await using var shop = await server.CreateAsync($"{Orders}; CREATE TABLE stock (x int); {more}");
        var watch = new RecordedWatch();
        var limits = blocked > 0 ? new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) } : Impatient;
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM stock");
        var applying = shop.Open(limits: limits).Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (total) SELECT SLEEP(8)"), "kim", watch, default);
        await shop.UntilRunsAsync("INSERT INTO orders (total) SELECT SLEEP(8)");

        var (table, one) = (named.Length > 0 ? named : "stock", "SELECT COUNT(*) FROM ");
        var changing = shop.ExecuteAsync($"ALTER TABLE {table} ADD y int");
        await shop.UntilAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'ALTER TABLE%' AND STATE LIKE 'Waiting for%metadata lock'");
        var waiting = shop.ScalarAsync(one + table);
        await shop.UntilRunsAsync(one + table);
        await applying;
        await reader.CloseAsync();
        await changing;
        await waiting;

        var seen = watch.Evidence.ShouldNotBeNull();
        (seen.PeakBlocked, seen.Fired.Count).ShouldBe((blocked, 0), string.Join("; ", seen.Fired.Concat(seen.Unknown)));
    }

    [Theory]
    [InlineData("SELECT COUNT(*) FROM all_orders")]
    [InlineData("SELECT counted()")]
    [InlineData("INSERT INTO items (number) VALUES (1)")]
    [InlineData("DELETE FROM parts")]
    public async Task Who_waits_for_the_script_by_a_view_a_routine_a_trigger_or_a_key_counts(string sql)
    {
        await using var server = new MariaDbCluster { Options = ["--skip-log-bin", "--metadata-lock-info=OFF"] };
        await using var shop = await server.CreateAsync($"""
            {Orders}; CREATE VIEW all_orders AS SELECT * FROM orders; CREATE FUNCTION counted() RETURNS int READS SQL DATA RETURN (SELECT COUNT(*) FROM orders); CREATE TABLE items (number int);
            CREATE TRIGGER i BEFORE INSERT ON items FOR EACH ROW INSERT INTO orders (total) VALUES (1); CREATE TABLE parts (id int PRIMARY KEY); ALTER TABLE orders ADD part int REFERENCES parts (id) ON DELETE CASCADE
            """);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        var watch = new RecordedWatch();
        var applying = shop.Open(pace: MariaDbShop.Quick with { LockTimeout = TimeSpan.FromMinutes(1) }, limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) })
            .Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", watch, default);
        await server.UntilAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{shop.Name}' AND STATE LIKE 'Waiting for%metadata lock'");

        var waiting = shop.ExecuteAsync(sql);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await reader.CloseAsync();
        await applying;
        await waiting;

        var seen = watch.Evidence.ShouldNotBeNull();
        seen.PeakBlocked.ShouldBe(1);
        seen.Unknown.ShouldBe(["who holds metadata locks: install the plugin metadata_lock_info"]);
    }

    [Fact]
    public async Task Of_whom_it_cannot_be_told_for_whom_he_waits_counts_and_that_is_said()
    {
        await using var server = new MariaDbCluster { Options = ["--skip-log-bin", "--metadata-lock-info=OFF"] };
        await using var shop = await server.CreateAsync($"{Orders}; CREATE TABLE stock (x int)");
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM stock");
        var watch = new RecordedWatch();
        // More statements than are remembered.
        var script = string.Concat(Enumerable.Repeat("SELECT 1;\n", 300)) + "INSERT INTO orders (total) SELECT SLEEP(4);";
        var applying = shop.Open(limits: new MigrationLimits { MaxBlockedFor = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(MariaDbShop.Script("1__many", script), "kim", watch, default);
        await shop.UntilRunsAsync("INSERT INTO orders%");

        var changing = shop.ExecuteAsync("ALTER TABLE stock ADD y int");
        await applying;
        await reader.CloseAsync();
        await changing;

        var seen = watch.Evidence.ShouldNotBeNull();
        seen.PeakBlocked.ShouldBe(1);
        seen.Unknown.ShouldBe(["who holds metadata locks: install the plugin metadata_lock_info", "whether some of those who waited did so for the script; they counted as if they had"]);
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD x int, ADD y int", "orders")]
    [InlineData("ALTER ONLINE TABLE IF EXISTS `shop`.`orders` ADD x int", "shop.orders")]
    [InlineData("DROP TABLE IF EXISTS a, shop.b CASCADE", "a shop.b")]
    [InlineData("RENAME TABLE a TO b, c TO d", "a c")]
    [InlineData("TRUNCATE orders", "orders")]
    [InlineData("TRUNCATE TABLE orders", "orders")]
    [InlineData("LOCK TABLES a WRITE, b AS x READ", "a b")]
    [InlineData("OPTIMIZE LOCAL TABLE a, b", "a b")]
    [InlineData("CREATE UNIQUE INDEX i ON orders (total, note)", "orders")]
    [InlineData("DROP INDEX i ON orders", "orders")]
    [InlineData("CREATE OR REPLACE TABLE orders (id int REFERENCES x (id) ON DELETE CASCADE)", "orders")]
    [InlineData("/* it */ CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.x = 1", "orders")]
    [InlineData("SELECT * FROM orders JOIN x ON x.id = orders.id", "")]
    [InlineData("UPDATE orders SET total = 1", "")]
    [InlineData("", "")]
    public void The_tables_that_a_definition_keeps_others_from_are_read_of_its_beginning(string sql, string tables) =>
        string.Join(' ', MariaDbDefinedTables.Of(sql)).ShouldBe(tables);
}

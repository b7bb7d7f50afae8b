using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbGateTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, total int)";
    private static readonly MigrationLimits Short = new() { LongTransaction = TimeSpan.FromMilliseconds(200), Hold = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_transaction_that_stays_open_holds_the_script_until_it_fails_before_anything_ran()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var old = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        await Task.Delay(TimeSpan.FromSeconds(2.1));
        var watch = new RecordedWatch();

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(limits: Short).Migrations.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldMatch(
            $@"^V1__a\.sql: the gate before the script did not open: transactions open for more than 0\.2 s: connection {old.ServerThread} \(deployer@127\.0\.0\.1\), sleep, for [0-9.]+ s; held for [0-9.]+ s, at most 2 s\. Nothing of it was begun\.");
        (await shop.HasAsync("deployops_migration")).ShouldBeFalse();
        var seen = watch.Evidence.ShouldNotBeNull();
        (seen.Holds, seen.Held >= TimeSpan.FromSeconds(2)).ShouldBe((1, true));
        watch.Told.ShouldContain(progress => progress.Holds.Contains("transactions open"));
    }

    // Whoever has chosen another database, or none, may hold tables of this one; where the server shows no locks, nobody can tell of whom has chosen none.
    [Theory]
    [InlineData("", "", "SELECT COUNT(*) FROM {shop}.orders", true)]
    [InlineData("", "information_schema", "SELECT COUNT(*) FROM {shop}.orders", true)]
    [InlineData("", "", "SELECT COUNT(*) FROM mysql.innodb_table_stats", false)]
    [InlineData("--metadata-lock-info=OFF", "", "SELECT COUNT(*) FROM {shop}.orders", true)]
    public async Task A_transaction_of_a_session_that_has_chosen_another_database_or_none_holds_the_script_too(string option, string database, string sql, bool holds)
    {
        await using var own = option.Length == 0 ? null : new MariaDbCluster { Options = ["--skip-log-bin", option] };
        await using var shop = await (own ?? cluster).CreateAsync(Orders);
        await using var old = new MySqlConnection((own ?? cluster).ConnectionString(database) + ";Pooling=false");
        await old.OpenAsync();
        await new MySqlCommand("START TRANSACTION", old).ExecuteNonQueryAsync();
        await new MySqlCommand(sql.Replace("{shop}", shop.Name, StringComparison.Ordinal), old).ExecuteNonQueryAsync();
        await Task.Delay(TimeSpan.FromSeconds(2.1));

        var applying = shop.Open(limits: Short).Migrations.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);

        if (holds)
        {
            (await Should.ThrowAsync<DeployOpsException>(applying)).Message.ShouldContain($"transactions open for more than 0.2 s: connection {old.ServerThread} (deployer@127.0.0.1), sleep, for ");
        }
        else
        {
            await applying;
        }

        (await shop.HasAsync("a")).ShouldBe(!holds);
    }

    [Theory]
    [InlineData("10.0.0.5:40000", "app@10.0.0.5")]
    [InlineData("2001:db8::1:40000", "app@2001:db8::1")]
    [InlineData("localhost", "app@localhost")]
    public void Whoever_is_connected_is_named_by_account_and_address(string host, string name) =>
        new MariaDbSampling.Connection(1, "app", host, "", "Sleep", TimeSpan.Zero, "", 0, 0, 0, "").Name.ShouldBe(name);

    [Fact]
    public async Task A_transaction_that_ends_lets_the_script_go_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var old = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        await Task.Delay(TimeSpan.FromSeconds(2.1));
        var watch = new RecordedWatch();
        var applying = shop.Open(limits: Short with { Hold = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Still.RunsAsync(applying);

        await old.CloseAsync();
        await applying;

        watch.Evidence.ShouldNotBeNull().Fired.ShouldHaveSingleItem().ShouldStartWith("the gate before the script held for ");
        (await shop.HasAsync("a")).ShouldBeTrue();
    }

    [Fact]
    public async Task Each_statement_outside_of_a_transaction_has_a_gate()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = MariaDbShop.Script("1__parts", "CREATE TABLE a (x int);\nSELECT SLEEP(4);\nCREATE TABLE b (x int);");
        var applying = shop.Open(limits: Short).Migrations.ApplyAsync(script, "kim", default);
        await shop.UntilRunsAsync("SELECT SLEEP(4)");
        await using var old = await shop.HoldAsync("SELECT COUNT(*) FROM orders");

        var error = await Should.ThrowAsync<DeployOpsException>(applying);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldStartWith("V1__parts.sql: the gate before statement 3 did not open: transactions open for more than 0.2 s");
        error.Message.ShouldContain("Statement 3 (line 3) was not begun. The 2 before it are committed and stay; the next run continues with it.");
        (await shop.HasAsync("b")).ShouldBeFalse();
        await old.CloseAsync();
        await shop.Open(limits: Short).Migrations.ApplyAsync(script, "kim", default);
        (await shop.HasAsync("b")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_is_expected_and_not_there_ends_the_script_after_some_looks()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(limits: new MigrationLimits { Replicas = 1, CriticalSamples = 2 }).Migrations.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("the gate before the script did not open: 0 of 1 replica there; so at 2 looks in a row. Nothing of it was begun.");
    }

    [Fact]
    public async Task Going_back_waits_at_no_gate()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open(limits: Short).Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);
        await using var old = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        await Task.Delay(TimeSpan.FromSeconds(2.1));

        await migrations.RevertAsync(MariaDbShop.Undo("1__a", "DROP TABLE a"), default);

        (await shop.HasAsync("a")).ShouldBeFalse();
    }
}

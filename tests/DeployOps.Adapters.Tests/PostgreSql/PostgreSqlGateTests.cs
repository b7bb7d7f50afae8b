using DeployOps.Adapters.Tests.Support;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlGateTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id serial PRIMARY KEY, total numeric)";
    private static readonly MigrationLimits Short = new() { LongTransaction = TimeSpan.FromMilliseconds(200), Hold = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_transaction_that_stays_open_holds_the_script_until_it_fails_before_anything_ran()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var old = await BeginAsync(shop);
        var watch = new RecordedWatch();

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(limits: Short).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldMatch(
            $@"^V1__a\.sql: the gate before the script did not open: transactions open for more than 0\.2 s: process {old.ProcessID} \(test\), idle in transaction, for [0-9.]+ s; held for [0-9.]+ s, at most 1 s\. Nothing of it was begun\.");
        (await shop.HasAsync("deployops.migration")).ShouldBeFalse();
        var seen = watch.Evidence.ShouldNotBeNull();
        (seen.Holds, seen.Held >= TimeSpan.FromSeconds(1)).ShouldBe((1, true));
        watch.Told.ShouldContain(progress => progress.Holds.Contains("transactions open"));
    }

    [Fact]
    public async Task A_transaction_that_ends_lets_the_script_go_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var old = await BeginAsync(shop);
        var watch = new RecordedWatch();
        var applying = shop.Open(limits: Short with { Hold = TimeSpan.FromMinutes(1) }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Still.RunsAsync(applying);

        await old.CloseAsync();
        await applying;

        watch.Evidence.ShouldNotBeNull().Fired.ShouldHaveSingleItem().ShouldStartWith("the gate before the script held for ");
        (await shop.HasAsync("a")).ShouldBeTrue();
    }

    [Fact]
    public async Task Outside_of_a_transaction_each_statement_has_a_gate()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("1__parts", "-- deployops: transaction=none\nCREATE TABLE a (x int);\nDO $$ BEGIN PERFORM pg_sleep(6); END $$;\nCREATE TABLE b (x int);");
        var applying = shop.Open(limits: Short).Migrations.ApplyAsync(script, "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
        await using var old = await BeginAsync(shop);

        var error = await Should.ThrowAsync<DeployOpsException>(applying);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldStartWith("V1__parts.sql: the gate before statement 3 did not open: transactions open for more than 0.2 s");
        error.Message.ShouldContain("Statement 3 (line 4) was not begun. The 2 before it are committed and stay; the next run continues with it.");
        (await shop.HasAsync("b")).ShouldBeFalse();
        await old.CloseAsync();
        await shop.Open(limits: Short).Migrations.ApplyAsync(script, "kim", default);
        (await shop.HasAsync("b")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_is_expected_and_not_there_ends_the_script_after_some_looks()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var limits = new MigrationLimits { Replicas = 1, CriticalSamples = 2 };

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: limits).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("the gate before the script did not open: 0 of 1 replica there; so at 2 looks in a row. Nothing of it was begun.");
    }

    [Fact]
    public async Task Going_back_waits_at_no_gate()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open(limits: Short).Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);
        await using var old = await BeginAsync(shop);

        await migrations.RevertAsync(PostgreSqlShop.Undo("1__a", "DROP TABLE a"), default);

        (await shop.HasAsync("a")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_transaction_whose_age_is_hidden_keeps_the_gate_closed_where_the_plan_asks_for_it_and_else_is_told()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app'; GRANT CREATE ON DATABASE {shop.Name} TO {role}");
        var account = $"{shop.ConnectionString};Username={role};Password=app";
        await using var idle = await shop.ConnectAsync();
        await using var old = await BeginAsync(shop);
        var usual = shop.Open(connectionString: account).Migrations;
        var asked = shop.Open(limits: new MigrationLimits { MustKnowTransactions = true, CriticalSamples = 2 }, connectionString: account).Migrations;
        var watch = new RecordedWatch();

        await usual.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", watch, default);
        var error = await Should.ThrowAsync<DeployOpsException>(asked.ApplyAsync(PostgreSqlShop.Script("2__b", "SELECT 1"), "kim", default));
        await old.CloseAsync();
        await asked.ApplyAsync(PostgreSqlShop.Script("2__b", "SELECT 1"), "kim", default);

        (await usual.FindUnseenAsync(default)).ShouldContain("transactions and replication of other accounts: grant pg_monitor");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain("transactions and replication of other accounts: grant pg_monitor");
        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain(
            "how long others have been in a transaction is unknown: a session of another account is in a transaction since before the first look; GRANT pg_monitor to this account; the plan asks for it by LongTransaction");
        (await shop.Open().Migrations.FindUnseenAsync(default)).ShouldBeEmpty();
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_disk_that_is_hidden_keeps_the_gate_closed_where_the_plan_asks_for_it()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var far = shop.ConnectionString.Replace("Host=127.0.0.1", $"Host={await PostgreSqlScratchTests.NameOfThisHostAsync()}", StringComparison.Ordinal);
        var usual = shop.Open(connectionString: far).Migrations;
        var asked = new MigrationLimits { MustKnowDisk = true, CriticalSamples = 2 };

        await usual.ApplyAsync(PostgreSqlShop.Script("1__a", "SELECT 1"), "kim", default);
        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: asked, connectionString: far).Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "SELECT 1"), "kim", default));
        await shop.Open(limits: asked).Migrations.ApplyAsync(PostgreSqlShop.Script("2__b", "SELECT 1"), "kim", default);

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("what is free is unknown: the server's disk: it is not on this machine; the plan asks for it by MinFreeDisk; so at 2 looks in a row");
        (await usual.FindUnseenAsync(default)).ShouldBe(["the server's disk: it is not on this machine"]);
        (await shop.Open(limits: new MigrationLimits { MinFreeDisk = 0 }, connectionString: far).Migrations.FindUnseenAsync(default)).ShouldBeEmpty();
    }

    private static async Task<NpgsqlConnection> BeginAsync(PostgreSqlShop shop)
    {
        var connection = await shop.ConnectAsync();
        await new NpgsqlCommand("BEGIN", connection).ExecuteNonQueryAsync();
        await new NpgsqlCommand("SELECT txid_current()", connection).ExecuteScalarAsync();
        await Task.Delay(Short.LongTransaction);
        return connection;
    }

    [Fact]
    public async Task The_disk_of_a_tablespace_counts_too_and_is_named()
    {
        using var disk = SmallDisk.Mount(20 * 1024);
        await using var shop = await cluster.CreateAsync(Orders);
        var space = $"small_{shop.Name}";
        await PostgreSqlCluster.RunAsync("mkdir", "-m", "0700", disk.PathOf("space"));
        await cluster.ExecuteAsync($"CREATE TABLESPACE {space} LOCATION '{disk.PathOf("space")}'");
        try
        {
            await shop.ExecuteAsync($"CREATE TABLE small (x int) TABLESPACE {space}");
            var watch = new RecordedWatch();

            var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: Short with { MinFreeDisk = 30 * 1024 * 1024 }).Migrations.ApplyAsync(
                PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default));

            error.ErrorId.ShouldBe("MigrationGateHeld");
            error.Message.ShouldMatch($@"[0-9.]+ MiB of 20 MiB of the disk of tablespace {space} are free, at least 30 MiB; held for");
            watch.Evidence.ShouldNotBeNull().LeastFreeDisk.ShouldNotBeNull().ShouldBeLessThan(21L * 1024 * 1024);
        }
        finally
        {
            await shop.ExecuteAsync("DROP TABLE IF EXISTS small");
            await cluster.ExecuteAsync($"DROP TABLESPACE {space}");
            Directory.Delete(disk.PathOf("space"), recursive: true);
        }
    }
}

using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbRepetitionTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note varchar(40), done int); INSERT INTO orders (note) SELECT 'n' FROM seq_1_to_1000";

    [Fact]
    public async Task A_statement_is_run_until_it_touches_no_row_and_each_round_is_committed()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE rounds (n int); CREATE TRIGGER tell AFTER UPDATE ON orders FOR EACH ROW INSERT INTO rounds VALUES (1)");

        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__fill", "-- deployops: repeat-until-zero chunk=300\nUPDATE orders SET done = 1 WHERE done IS NULL LIMIT 300;"), "kim", default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE done = 1")).ShouldBe("1000");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM rounds")).ShouldBe("1000");
        (await shop.ScalarAsync("SELECT CONCAT(state, ' ', touched) FROM deployops_statement")).ShouldBe("done 1000");
    }

    [Fact]
    public async Task A_round_that_touches_more_than_it_may_is_rolled_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__fill", "-- deployops: repeat-until-zero chunk=300\nUPDATE orders SET done = 1 WHERE done IS NULL;"), "kim", default));

        error.ErrorId.ShouldBe("MigrationChunkExceeded");
        error.Message.ShouldContain("V1__fill.sql:2: a round touched 1000 rows, at most 300 may be; that round was rolled back.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE done = 1")).ShouldBe("0");
    }

    [Fact]
    public async Task A_run_that_is_stopped_between_rounds_is_gone_on_with()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.HoldAsync("UPDATE orders SET note = 'held' WHERE id = 700");
        var migrations = shop.Open(pace: MariaDbShop.Quick with { Tries = 1 }).Migrations;
        var script = MariaDbShop.Script("1__fill", "-- deployops: repeat-until-zero chunk=300\nUPDATE orders SET done = 1 WHERE done IS NULL ORDER BY id LIMIT 300;");

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await other.CloseAsync();
        var committed = await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE done = 1");
        await migrations.ApplyAsync(script, "kim", default);

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        error.Message.ShouldContain("Of it 2 rounds with 600 rows are committed and stay.");
        committed.ShouldBe("600");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE done = 1")).ShouldBe("1000");
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }
}

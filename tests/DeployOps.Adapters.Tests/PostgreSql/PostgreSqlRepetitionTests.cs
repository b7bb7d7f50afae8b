using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlRepetitionTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, status text); INSERT INTO orders SELECT n, NULL FROM generate_series(1, 25) n";
    private const string Update = "UPDATE orders SET status = 'open' WHERE id IN (SELECT id FROM orders WHERE status IS NULL ORDER BY id LIMIT 10)";

    [Fact]
    public async Task A_statement_is_run_until_it_touches_no_row_and_each_round_is_committed()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE rounds (x xid8 DEFAULT pg_current_xact_id() UNIQUE); "
            + "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO rounds DEFAULT VALUES; RETURN NULL; END $$; CREATE TRIGGER t AFTER UPDATE ON orders EXECUTE FUNCTION note()");
        var watch = new RecordedWatch();

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__fill", $"-- deployops: repeat-until-zero chunk=10\n{Update};"), "kim", watch, default);

        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status IS NULL")).ShouldBe(0L);
        (await shop.ScalarAsync("SELECT count(*) FROM rounds")).ShouldBe(4L);
        (await shop.ScalarAsync("SELECT state || ' ' || rows FROM deployops.statement")).ShouldBe("done 25");
        watch.Evidence.ShouldNotBeNull().Samples.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task A_round_that_touches_more_than_it_may_is_rolled_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__fill", "-- deployops: repeat-until-zero chunk=10\nUPDATE orders SET status = 'open' WHERE status IS NULL"), "kim", default));

        error.ErrorId.ShouldBe("MigrationChunkExceeded");
        error.Message.ShouldContain("V1__fill.sql:2: a round touched 25 rows, at most 10 may be; that round was rolled back.");
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status IS NULL")).ShouldBe(25L);
    }

    [Fact]
    public async Task A_round_whose_rows_nobody_counts_is_refused()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        const string sql = "-- deployops: repeat-until-zero chunk=10\nWITH gone AS (DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 10) RETURNING 1) SELECT count(*) FROM gone";

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__gone", sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationRoundUncounted");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(25L);
    }

    [Fact]
    public async Task A_round_that_meets_a_lock_is_tried_again_and_what_is_committed_stays()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.ConnectAsync();
        await new NpgsqlCommand("BEGIN; UPDATE orders SET status = 'held' WHERE id = 15", other).ExecuteNonQueryAsync();
        var applying = shop.Open(pace: PostgreSqlShop.Quick with { Tries = 50 }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__fill", $"-- deployops: repeat-until-zero chunk=10\n{Update}"), "kim", default);
        await shop.UntilAsync("SELECT to_regclass('deployops.statement') IS NOT NULL");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM deployops.statement WHERE state = 'failed')");
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status = 'open'")).ShouldBe(10L);

        await new NpgsqlCommand("ROLLBACK", other).ExecuteNonQueryAsync();
        await applying;

        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status = 'open'")).ShouldBe(25L);
    }

    [Theory]
    [InlineData("-- deployops: repeat-until-zero\nUPDATE a SET x = 1", "V1__a.sql:1: '-- deployops: repeat-until-zero' says ''. Say how many rows")]
    [InlineData("-- deployops: repeat-until-zero chunk=many\nUPDATE a SET x = 1", "says 'chunk=many'.")]
    [InlineData("-- deployops: repeat-until-zero chunk=5\nCREATE TABLE a (x int)", "stands before CREATE TABLE a.")]
    [InlineData("-- deployops: transaction=script\n-- deployops: repeat-until-zero chunk=5\nUPDATE a SET x = 1", "V1__a.sql:2: '-- deployops: repeat-until-zero' commits each round, and the script says transaction=script.")]
    public async Task A_directive_that_cannot_be_followed_is_refused_before_anything_runs(string sql, string words)
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(async () => await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationHeaderInvalid");
        error.Message.ShouldContain(words);
    }
}

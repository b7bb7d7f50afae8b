using System.Diagnostics;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlValidationsTests(PostgreSqlCluster cluster)
{
    private const string Orders = """
        CREATE TABLE orders (id integer, price numeric(8,2), paid boolean, at timestamptz, note bytea, tags text[]);
        INSERT INTO orders VALUES (1, 0.50, true, '2026-01-02 03:04:05+02', '\x00ff', '{a,b}'), (2, 1.00, false, NULL, NULL, NULL), (3, 2, NULL, NULL, NULL, NULL);
        """;

    [Fact]
    public async Task Rows_are_counted_and_the_first_ones_are_kept_as_the_server_writes_them()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var answer = await shop.Open().Validations.QueryAsync("SELECT * FROM orders ORDER BY id; -- all of them", 2, text => text, default);

        answer.RowCount.ShouldBe(3);
        answer.Scalar.ShouldBe("1");
        answer.SampleRows.ShouldBe(
        [
            "id=1, price=0.50, paid=true, at=2026-01-02 01:04:05+00, note=0x00FF, tags={a,b}",
            "id=2, price=1.00, paid=false, at=NULL, note=NULL, tags=NULL",
        ]);
    }

    [Theory]
    [InlineData("SELECT count(*) FROM orders", "3")]
    [InlineData("SELECT NULL", null)]
    [InlineData("SELECT 1 WHERE false", null)]
    [InlineData("SELECT bool_and(price > 0) FROM orders", "true")]
    [InlineData("SELECT 0.1::float8 + 0.2::float8", "0.30000000000000004")]
    [InlineData("SHOW transaction_read_only", "on")]
    [InlineData("VALUES ('$$', ':a', '@b', '?')", "$$")]
    [InlineData("WITH n AS (SELECT 'a;b' AS x) SELECT x FROM n", "a;b")]
    [InlineData("SELECT '12:30:00'::time - interval '1 h'", "11:30:00")]
    public async Task The_first_value_is_its_text(string sql, string? scalar)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        (await shop.Open().Validations.QueryAsync(sql, 1, text => text, default)).Scalar.ShouldBe(scalar);
    }

    [Fact]
    public async Task A_secret_at_the_end_of_what_is_shown_is_taken_out_before_that_is_cut()
    {
        const string secret = "sk-5f2a9c771e";
        await using var shop = await cluster.CreateAsync();

        var answer = await shop.Open().Validations.QueryAsync(
            $"SELECT '{new string('x', 195)}{secret}{new string('y', 50)}' AS line", 1, text => text.Replace(secret, "***", StringComparison.Ordinal), default);

        answer.SampleRows.ShouldBe([$"line={new string('x', 195)}***yy…"]);
    }

    [Theory]
    [InlineData("DELETE FROM orders")]
    [InlineData("DELETE FROM orders RETURNING id")]
    [InlineData("WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone")]
    [InlineData("CREATE TABLE a (x int)")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("SELECT 1; COMMIT")]
    [InlineData("COMMIT")]
    [InlineData("SET TRANSACTION READ WRITE")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', true)")]
    [InlineData("COPY orders TO STDOUT")]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'true'")]
    [InlineData("SELECT * FROM missing")]
    [InlineData("SELECT 1 / 0")]
    [InlineData("SELEKT 1")]
    [InlineData("-- nothing")]
    public async Task What_is_no_single_query_or_fails_is_refused_and_changes_nothing(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Validations.QueryAsync(sql, 5, text => text, default));

        error.ErrorId.ShouldBe("ValidationQueryFailed");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(3L);
    }

    [Fact]
    public async Task The_servers_words_are_told_with_their_code()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Validations.QueryAsync("SELECT * FROM missing", 5, text => text, default));

        error.Message.ShouldContain("The query failed: relation \"missing\" does not exist (42P01).");
    }

    [Fact]
    public async Task Cancelling_stops_the_query_on_the_server_within_a_second()
    {
        await using var shop = await cluster.CreateAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();

        await Should.ThrowAsync<OperationCanceledException>(shop.Open().Validations.QueryAsync("SELECT pg_sleep(30)", 5, text => text, stop.Token));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)' AND state = 'active' AND pid <> pg_backend_pid())");
    }

    [Fact]
    public async Task A_query_that_takes_too_long_fails()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scriptTimeout: TimeSpan.FromMilliseconds(500)).Validations.QueryAsync("SELECT pg_sleep(30)", 5, text => text, default));

        error.Message.ShouldContain("no answer within 00:00:00.5");
    }
}

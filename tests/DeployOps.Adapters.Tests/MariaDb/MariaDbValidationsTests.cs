using System.Diagnostics;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbValidationsTests(MariaDbCluster cluster)
{
    private const string Orders = """
        CREATE TABLE orders (id int PRIMARY KEY, price decimal(10,2), paid boolean, at datetime, day date, note varbinary(20), mask bit(9), owner char(36));
        INSERT INTO orders VALUES (1, 0.5, TRUE, '2026-01-02 03:04:05', '2026-01-02', x'00FF', b'101', '6F9619FF-8B86-D011-B42D-00C04FC964FF'), (2, 1, FALSE, NULL, NULL, NULL, NULL, NULL), (3, 2, NULL, NULL, NULL, NULL, NULL, NULL)
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
            "id=1, price=0.50, paid=1, at=2026-01-02 03:04:05, day=2026-01-02, note=0x00FF, mask=5, owner=6F9619FF-8B86-D011-B42D-00C04FC964FF",
            "id=2, price=1.00, paid=0, at=NULL, day=NULL, note=NULL, mask=NULL, owner=NULL",
        ]);
    }

    [Theory]
    [InlineData("SELECT COUNT(*) FROM orders", "3")]
    [InlineData("SELECT NULL", null)]
    [InlineData("SELECT 1 FROM orders WHERE FALSE", null)]
    [InlineData("SELECT MIN(price > 0) FROM orders", "1")]
    [InlineData("SELECT 0.1e0 + 0.2e0", "0.30000000000000004")]
    [InlineData("SELECT 12345678901234567890123456789012345678901234567890.5", "12345678901234567890123456789012345678901234567890.5")]
    [InlineData("SHOW TABLES LIKE 'orders'", "orders")]
    [InlineData("SELECT '$$', ':a', '@b', '?'", "$$")]
    [InlineData("WITH n AS (SELECT 'a;b' AS x) SELECT x FROM n", "a;b")]
    [InlineData("SELECT SUBTIME('12:30:00', '01:00:00')", "11:30:00")]
    [InlineData("(SELECT 1) UNION (SELECT 1)", "1")]
    [InlineData("SELECT 'drop table' # and; a comment", "drop table")]
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
    [InlineData("CREATE TABLE a (x int)")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("SELECT 1; COMMIT")]
    [InlineData("COMMIT")]
    [InlineData("CALL empty_orders()")]
    [InlineData("SELECT emptied()")]
    [InlineData("ANALYZE DELETE FROM orders")]
    [InlineData("SELECT * FROM orders INTO OUTFILE '/tmp/deployops-orders'")]
    [InlineData("/*!50000 DELETE */ FROM orders")]
    [InlineData("SELECT * FROM missing")]
    [InlineData("SELEKT 1")]
    [InlineData("-- nothing")]
    [InlineData("SELECT 'open")]
    public async Task What_is_no_single_query_or_fails_is_refused_and_changes_nothing(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders + ";\nDELIMITER //\nCREATE PROCEDURE empty_orders() BEGIN DELETE FROM orders; COMMIT; END //\nCREATE FUNCTION emptied() RETURNS int BEGIN DELETE FROM orders; RETURN 1; END //\nDELIMITER ;");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Validations.QueryAsync(sql, 5, text => text, default));

        error.ErrorId.ShouldBe("ValidationQueryFailed");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("3");
    }

    [Fact]
    public async Task The_servers_words_are_told_with_their_code()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Validations.QueryAsync("SELECT * FROM missing", 5, text => text, default));

        error.Message.ShouldContain($"The query failed: Table '{shop.Name}.missing' doesn't exist (1146).");
    }

    [Fact]
    public async Task Cancelling_stops_the_query_on_the_server()
    {
        await using var shop = await cluster.CreateAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();

        await Should.ThrowAsync<OperationCanceledException>(shop.Open().Validations.QueryAsync("SELECT SLEEP(30)", 5, text => text, stop.Token));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%SLEEP(30)' AND ID <> CONNECTION_ID()");
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_stopped_by_the_server()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scriptTimeout: TimeSpan.FromMilliseconds(500)).Validations.QueryAsync("SELECT SLEEP(30)", 5, text => text, default));

        error.Message.ShouldContain("no answer within 00:00:00.5");
        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%SLEEP(30)' AND ID <> CONNECTION_ID()");
    }
}

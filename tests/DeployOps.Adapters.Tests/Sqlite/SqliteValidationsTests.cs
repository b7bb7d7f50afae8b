using System.Diagnostics;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteValidationsTests
{
    [Fact]
    public async Task Rows_are_counted_and_the_first_ones_are_kept()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER, price REAL, name TEXT, note BLOB); INSERT INTO orders VALUES (1, 0.5, 'a', NULL), (2, 1.0, 'b', x'00ff'), (3, 2, 'c', NULL)");

        var answer = await folder.Open().Validations.QueryAsync("SELECT * FROM orders ORDER BY id;", 2, text => text, default);

        answer.RowCount.ShouldBe(3);
        answer.Scalar.ShouldBe("1");
        answer.SampleRows.ShouldBe(["id=1, price=0.5, name=a, note=NULL", "id=2, price=1, name=b, note=0x00FF"]);
    }

    [Fact]
    public async Task A_secret_at_the_end_of_what_is_shown_is_taken_out_before_that_is_cut()
    {
        const string secret = "sk-5f2a9c771e";
        await using var folder = SqliteFolder.With($"CREATE TABLE calls (line TEXT); INSERT INTO calls VALUES ('{new string('x', 195)}{secret}{new string('y', 50)}')");

        var answer = await folder.Open().Validations.QueryAsync("SELECT line FROM calls", 1, text => text.Replace(secret, "***", StringComparison.Ordinal), default);

        answer.SampleRows.ShouldBe([$"line={new string('x', 195)}***yy…"]);
    }

    [Theory]
    [InlineData("DELETE FROM orders")]
    [InlineData("DELETE FROM orders RETURNING id")]
    [InlineData("CREATE TABLE a (x)")]
    [InlineData("PRAGMA user_version = 7")]
    [InlineData("PRAGMA journal_mode = WAL")]
    [InlineData("ATTACH 'other.db' AS other")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("PRAGMA query_only = OFF")]
    [InlineData("SELECT * FROM missing")]
    [InlineData("-- nothing")]
    public async Task What_is_no_single_query_or_fails_is_refused_and_changes_nothing(string sql)
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
        var before = await System.IO.File.ReadAllBytesAsync(folder.File);

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Validations.QueryAsync(sql, 5, text => text, default));

        error.ErrorId.ShouldBe("ValidationQueryFailed");
        (await System.IO.File.ReadAllBytesAsync(folder.File)).ShouldBe(before);
        Directory.GetFiles(folder.Folder).ShouldBe([folder.File]);
    }

    [Fact]
    public async Task A_check_of_the_servers_own_is_a_query()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER)");

        var answer = await folder.Open().Validations.QueryAsync("PRAGMA integrity_check", 5, text => text, default);

        answer.Scalar.ShouldBe("ok");
    }

    [Fact]
    public async Task Cancelling_stops_a_long_query_within_a_second()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER)");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();

        await Should.ThrowAsync<OperationCanceledException>(
            folder.Open().Validations.QueryAsync("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", 5, text => text, stop.Token));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1.2));
    }

    [Fact]
    public async Task A_query_that_takes_too_long_fails()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER)");

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open(scriptTimeout: TimeSpan.FromMilliseconds(200)).Validations.QueryAsync("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", 5, text => text, default));

        error.Message.ShouldContain("no answer within");
    }
}

using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Scripts on a server whose own mode says that double quotes hold names.</summary>
public sealed class MariaDbModeTests(MariaDbModeTests.Ansi ansi) : IClassFixture<MariaDbModeTests.Ansi>
{
    [Theory]
    [InlineData("-- deployops: transaction=none\n")]
    [InlineData("")]
    public async Task A_script_is_read_as_its_server_reads_it(string header)
    {
        await using var shop = await ansi.Cluster.CreateAsync("CREATE TABLE orders (id int, note varchar(20), `odd\\` int); INSERT INTO orders VALUES (1, 'a', 1)");

        // Were it read by the rules of other servers, the name would go on to the next quote.
        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", header + "UPDATE orders SET \"odd\\\" = 2;\nUPDATE orders SET note = 'x;\\'y' /* \" */;\nUPDATE orders SET \"note\" = CONCAT(\"note\", \"id\");"), "kim", default);

        (await shop.ScalarAsync("SELECT CONCAT(note, ' ', \"odd\\\") FROM orders")).ShouldBe("x;'y1 2");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM deployops_statement")).ShouldBe(header.Length == 0 ? "0" : "3");
    }

    [Theory]
    [InlineData("\"notes\"")]
    [InlineData("`notes`")]
    [InlineData("notes")]
    public async Task A_table_of_an_engine_without_transactions_is_known_by_its_name_between_either_quotes(string name)
    {
        await using var shop = await ansi.Cluster.CreateAsync("CREATE TABLE notes (x int) ENGINE = MyISAM; CREATE TABLE orders (x int)");

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", $"BEGIN;\nINSERT INTO orders VALUES (1);\nINSERT INTO {name} VALUES (1);\nCOMMIT;"), "kim", default));

        error.Message.ShouldContain("names a table whose engine knows no transactions");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM notes")).ShouldBe("0");
    }

    [Fact]
    public async Task A_script_that_is_tried_again_begins_in_the_mode_of_its_server()
    {
        await using var shop = await ansi.Cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, note varchar(20)); INSERT INTO orders VALUES (1, 'a'), (2, 'a')");
        await using var other = await shop.HoldAsync("UPDATE orders SET note = 'b' WHERE id = 1");
        var applying = shop.Open().Migrations.ApplyAsync(
            MariaDbShop.Script("1__it", "UPDATE orders SET note = \"id\" WHERE id = 2;\nSET sql_mode = '';\nUPDATE orders SET note = CONCAT(note, \"c\");"), "kim", default);
        await shop.UntilRunsAsync("UPDATE orders SET note = CONCAT%");
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        await new MySqlConnector.MySqlCommand("COMMIT", other).ExecuteNonQueryAsync();
        await applying;

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(note ORDER BY id) FROM orders")).ShouldBe("bc,2c");
    }

    [Fact]
    public async Task The_lint_reads_a_script_as_its_server_does()
    {
        await using var shop = await ansi.Cluster.CreateAsync("CREATE TABLE orders (id int, note varchar(20))");
        var script = MariaDbShop.Script("1__it", "UPDATE orders SET note = 'a' WHERE \"a\\\" = 1;\nDROP TABLE \"orders\" /* \" */;");

        var found = await new MigrationLinter(SqlDialect.MariaDb).CheckAsync([script], shop.Open().Catalog, default);

        found.Select(finding => $"{finding.Line} {finding.Name}").ShouldBe(["2 drop-table"]);
    }

    public sealed class Ansi : IAsyncDisposable
    {
        internal MariaDbCluster Cluster { get; } = new() { Options = ["--skip-log-bin", "--sql-mode=ANSI_QUOTES,STRICT_TRANS_TABLES"] };

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}

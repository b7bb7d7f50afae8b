using System.Globalization;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbTableCatalogTests(MariaDbCluster cluster)
{
    private const string Tables = """
        CREATE TABLE `Or ders$ä` (id int PRIMARY KEY, note text); INSERT INTO `Or ders$ä` SELECT seq, REPEAT('x', 40) FROM seq_1_to_5000;
        CREATE TABLE order_lines (id int PRIMARY KEY, order_id int REFERENCES `Or ders$ä` (id), n int); INSERT INTO order_lines SELECT seq, 1, 0 FROM seq_1_to_50;
        CREATE TABLE orderxlines (id int PRIMARY KEY); INSERT INTO orderxlines SELECT seq FROM seq_1_to_900;
        CREATE TABLE empty (a int); CREATE TABLE days (day int PRIMARY KEY) PARTITION BY RANGE (day) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO days SELECT seq FROM seq_1_to_2000;
        """;

    [Fact]
    public async Task The_servers_statistics_tell_how_large_tables_are()
    {
        await using var shop = await cluster.CreateAsync(Tables);

        var facts = await shop.Open().Catalog.FindAsync([Name("`Or ders$ä`"), Name("order_lines"), Name($"{shop.Name}.empty"), Name("days"), Name("gone")], default);

        facts.Keys.Order(StringComparer.Ordinal).ShouldBe(["`Or ders$ä`", "days", "order_lines", $"{shop.Name}.empty"]);
        facts["`Or ders$ä`"].ShouldSatisfyAllConditions(orders => orders.Rows.ShouldNotBeNull().ShouldBeInRange(4000, 6000), orders => orders.ReferencedBy.ShouldBe(1), orders => orders.Bytes.ShouldNotBeNull().ShouldBeInRange(200_000, 3_000_000));
        facts["order_lines"].ShouldSatisfyAllConditions(lines => lines.Rows.ShouldBe(50), lines => lines.IsSmall.ShouldBeTrue());
        facts[$"{shop.Name}.empty"].ShouldSatisfyAllConditions(empty => (empty.Rows, empty.WritesPerSecond, empty.ReferencedBy).ShouldBe((0, 0, 0)));
        facts["days"].Rows.ShouldNotBeNull().ShouldBeInRange(1500, 2500);
    }

    [Fact]
    public async Task A_table_that_others_write_is_not_small()
    {
        await using var shop = await cluster.CreateAsync(Tables);
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(shop, stop.Token);

        var facts = await shop.Open().Catalog.FindAsync([Name("order_lines"), Name("empty")], default);

        await stop.CancelAsync();
        await writing;
        facts["order_lines"].WritesPerSecond.ShouldNotBeNull().ShouldBeGreaterThan(100);
        facts["order_lines"].IsLarge.ShouldBeTrue();
        facts["empty"].IsSmall.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_an_account_that_is_not_told_nothing_is_small()
    {
        await using var shop = await cluster.CreateAsync(Tables);
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO 'plain'@'%' IDENTIFIED BY 'plain'");

        var facts = await shop.Open(connectionString: $"Server=127.0.0.1;Port={cluster.Port.ToString(CultureInfo.InvariantCulture)};Database={shop.Name};User ID=plain;Password=plain").Catalog.FindAsync([Name("order_lines")], default);

        facts["order_lines"].ShouldSatisfyAllConditions(lines => lines.Rows.ShouldBe(50), lines => (lines.WritesPerSecond, lines.ReferencedBy).ShouldBe((null, null)), lines => lines.IsSmall.ShouldBeFalse());
    }

    [Fact]
    public async Task A_table_that_somebody_locks_is_told_all_the_same_and_not_waited_for()
    {
        await using var shop = await cluster.CreateAsync(Tables);
        await using var holder = await shop.ConnectAsync();
        await new MySqlCommand("LOCK TABLES order_lines WRITE", holder).ExecuteNonQueryAsync();

        var facts = await shop.Open().Catalog.FindAsync([Name("order_lines")], default);

        facts["order_lines"].Rows.ShouldBe(50);
    }

    [Fact]
    public async Task Findings_weigh_by_what_the_server_knows()
    {
        await using var shop = await cluster.CreateAsync(Tables + "CREATE TABLE big (id int) AS SELECT seq AS id FROM seq_1_to_1200000");
        var script = MariaDbShop.Script("1__a", "ALTER TABLE order_lines ADD CHECK (n >= 0);\nALTER TABLE big ADD CHECK (id >= 0);\nCREATE INDEX i ON big (id);\nCREATE INDEX i ON order_lines (n);\nUPDATE big SET id = 0 WHERE id = 1;\nUPDATE order_lines SET n = 1 WHERE id = 1");

        var findings = await new MigrationLinter(SqlDialect.MariaDb).CheckAsync([script], shop.Open().Catalog, default);

        findings.Where(finding => finding.Rule != "DAT001").Select(finding => $"{finding.Line} {finding.Name} {finding.Severity}").ShouldBe(
            ["1 adding-check-constraint Warning", "2 adding-check-constraint Error", "3 online-ddl-unstated Error", "4 online-ddl-unstated Warning", "5 change-of-a-large-table Warning"]);
    }

    private static async Task WriteAsync(MariaDbShop shop, CancellationToken stop)
    {
        await using var connection = await shop.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            await new MySqlCommand("UPDATE order_lines SET n = n + 1", connection).ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static SqlName Name(string written) => new(null, written) { Written = written };
}

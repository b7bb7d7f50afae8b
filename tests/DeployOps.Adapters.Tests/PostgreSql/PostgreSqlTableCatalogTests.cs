using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlTableCatalogTests(PostgreSqlCluster cluster)
{
    private const string Tables = """
        CREATE SCHEMA shop; CREATE TABLE shop."Orders" (id int PRIMARY KEY, note text); CREATE INDEX orders_note ON shop."Orders" (note);
        CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES shop."Orders"); CREATE TABLE empty (a int);
        CREATE TABLE days (day int) PARTITION BY RANGE (day); CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (1000); CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM (1000) TO (2000);
        INSERT INTO shop."Orders" SELECT n, 'x' FROM generate_series(1, 5000) n; INSERT INTO lines SELECT n, 1 FROM generate_series(1, 50) n; INSERT INTO days SELECT n FROM generate_series(0, 1999) n; ANALYZE;
        """;

    // The server counts some rows twice that were inserted and analysed in one session; more than there are is never taken for less.
    [Fact]
    public async Task The_servers_catalogue_tells_how_large_tables_are()
    {
        await using var shop = await cluster.CreateAsync(Tables);

        var facts = await shop.Open().Catalog.FindAsync([Name("shop.\"Orders\""), Name("shop.orders_note"), Name("lines"), Name("empty"), Name("days"), Name("gone")], default);

        facts.Keys.Order().ShouldBe(["days", "empty", "lines", "shop.\"Orders\"", "shop.orders_note"]);
        facts["shop.\"Orders\""].ShouldSatisfyAllConditions(orders => orders.Rows.ShouldNotBeNull().ShouldBeInRange(5000, 10_000), orders => orders.ReferencedBy.ShouldBe(1), orders => orders.Bytes.ShouldNotBeNull().ShouldBeInRange(200_000, 2_000_000));
        facts["shop.orders_note"].ShouldBe(facts["shop.\"Orders\""]);
        facts["lines"].ShouldSatisfyAllConditions(lines => lines.Rows.ShouldNotBeNull().ShouldBeInRange(50, 100), lines => lines.IsSmall.ShouldBeTrue());
        facts["empty"].ShouldBe(new TableFacts(0, 0, 0, 0));
        facts["days"].Rows.ShouldNotBeNull().ShouldBeInRange(2000, 4000);
    }

    [Fact]
    public async Task A_table_that_others_write_is_not_small()
    {
        await using var shop = await cluster.CreateAsync(Tables);
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(shop, stop.Token);

        var facts = await shop.Open().Catalog.FindAsync([Name("lines")], default);

        await stop.CancelAsync();
        await writing;
        facts["lines"].WritesPerSecond.ShouldNotBeNull().ShouldBeGreaterThan(100);
        facts["lines"].IsLarge.ShouldBeTrue();
    }

    [Fact]
    public async Task Findings_weigh_by_what_the_server_knows()
    {
        await using var shop = await cluster.CreateAsync(Tables + "CREATE TABLE big (id int); INSERT INTO big SELECT n FROM generate_series(1, 1000000) n; ANALYZE big");
        var script = PostgreSqlShop.Script("1__a", "CREATE INDEX ON lines (order_id); DROP INDEX shop.orders_note; CREATE INDEX ON big (id); UPDATE big SET id = 0 WHERE id = 1; UPDATE lines SET order_id = 2 WHERE id = 1");

        var findings = await new MigrationLinter(SqlDialect.PostgreSql).CheckAsync([script], shop.Open().Catalog, default);

        findings.Select(finding => $"{finding.Name} {finding.Severity}").ShouldBe(
            ["require-concurrent-index-creation Warning", "require-concurrent-index-deletion Error", "require-concurrent-index-creation Error", "change-of-a-large-table Warning"]);
    }

    [Fact]
    public async Task A_table_that_somebody_locks_out_is_told_and_not_waited_for()
    {
        await using var shop = await cluster.CreateAsync(Tables);
        await using var holder = await shop.ConnectAsync();
        await using var locking = new Npgsql.NpgsqlBatch(holder) { BatchCommands = { new("BEGIN"), new("LOCK TABLE lines") } };
        await locking.ExecuteNonQueryAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Catalog.FindAsync([Name("lines")], default));

        error.ErrorId.ShouldBe("DatabaseBusy");
    }

    private static async Task WriteAsync(PostgreSqlShop shop, CancellationToken stop)
    {
        await using var connection = await shop.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            await using var command = new Npgsql.NpgsqlCommand("UPDATE lines SET order_id = order_id + 0", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static SqlName Name(string written) => new(null, written) { Written = written };
}

using DeployOps.Adapters.Metrics;
using DeployOps.Adapters.Sqlite;
using DeployOps.Adapters.Tests.Sqlite;
using DeployOps.Health.Metrics;
using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.Metrics;

public sealed class QuerySourceTests
{
    [Fact]
    public async Task Orders_are_counted_as_they_come()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var metric = Orders(folder, "SELECT count(*) FROM orders");
        var source = Source();
        var first = await source.SampleAsync([metric], default);
        folder.Execute("INSERT INTO orders VALUES (1), (2), (3)");

        var second = await source.SampleAsync([metric], default);

        var value = MetricWindow.Measure(metric, [.. first, .. second]);
        value.Count.ShouldBe(3);
        value.Missing.ShouldBeNull();
    }

    [Theory]
    [InlineData("SELECT id FROM orders", "the query answered 2 rows, and one is expected")]
    [InlineData("SELECT id FROM orders WHERE id > 9", "the query answered 0 rows, and one is expected")]
    [InlineData("SELECT 'many'", "the query answered no number")]
    [InlineData("SELECT NULL", "the query answered no number")]
    [InlineData("DELETE FROM orders", "it is not a query")]
    [InlineData("SELECT count(*) FROM missing", "no such table: missing")]
    public async Task What_answers_no_number_has_no_counter(string query, string why)
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2)");

        var sample = (await Source().SampleAsync([Orders(folder, query)], default)).ShouldHaveSingleItem();

        sample.Series.ShouldBeNull();
        sample.Error!.ShouldContain(why);
        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(2L);
    }

    [Fact]
    public async Task A_database_that_is_gone_keeps_no_other_metric_from_being_read()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var there = Orders(folder, "SELECT count(*) FROM orders");
        var gone = there with { Name = "gone", Database = there.Database! with { ConnectionString = "Data Source=nothing.db" } };

        var samples = await new MetricSources(new Dictionary<string, IMetricSource> { ["Sql"] = Source() }).SampleAsync([gone, there], default);

        samples.Select(sample => sample.Metric).ShouldBe(["gone", "orders"]);
        samples[0].Error!.ShouldContain("nothing.db cannot be opened");
        samples[1].Series.ShouldNotBeNull();
    }

    private static QuerySource Source() => new(database => new SqliteDatabase(database, TimeProvider.System), TimeProvider.System);

    private static MetricSpec Orders(SqliteFolder folder, string query) => new()
    {
        Name = "orders",
        Kind = "Sql",
        Measure = MetricMeasure.Rate,
        Database = new DatabaseSpec { Name = "shop", Kind = "Sqlite", ConnectionString = "Data Source=shop.db", BaseFolder = folder.Folder },
        Query = query,
    };
}

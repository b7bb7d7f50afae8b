using DeployOps.Health.Metrics;
using DeployOps.Plans;

namespace DeployOps.Core.Tests.Plans;

/// <summary>Business numbers and logs in a plan.</summary>
public sealed class MonitoringPlanTests : IDisposable
{
    private const string Orders = "Metrics = @( @{ Name = 'orders'; Kind = 'Sql'; Database = 'shop'; Query = 'SELECT count(*) FROM orders' } )";

    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_query_asks_a_database_of_the_plan_and_is_measured_as_a_rate()
    {
        var metric = folder.Read(Plan(Orders)).Require().Monitoring!.Metrics.ShouldHaveSingleItem();

        metric.Measure.ShouldBe(MetricMeasure.Rate);
        metric.Database!.ConnectionString.ShouldBe("Data Source=shop.db");
        metric.Query.ShouldBe("SELECT count(*) FROM orders");
        metric.Uri.ShouldBeNull();
    }

    [Theory]
    [InlineData("Database = 'shop'", "Database = 'other'", "Monitoring.Metrics[0].Database 'other': expected shop.")]
    [InlineData("Database = 'shop'; ", "", "Monitoring.Metrics[0].Database is missing.")]
    [InlineData("Query = ", "Measure = 'Ratio'; Query = ", "Monitoring.Metrics[0].Measure of a query is Rate: how fast its number grows.")]
    [InlineData("Query = ", "Uri = 'http://127.0.0.1:1'; Query = ", "Monitoring.Metrics[0].Uri does not belong to Kind 'Sql', which knows Database or Query.")]
    [InlineData("'SELECT count(*) FROM orders'", "'env:QUERY'", "Monitoring.Metrics[0].Query 'env:QUERY': a reference is not allowed here: the approval covers this value, so it stands in the plan itself.")]
    public void A_mistake_in_it_is_told(string right, string wrong, string told) =>
        folder.Errors(Plan(Orders.Replace(right, wrong, StringComparison.Ordinal))).ShouldContain(error => error.EndsWith(told, StringComparison.Ordinal));

    [Fact]
    public void Logs_are_full_paths_and_need_not_be_there_yet()
    {
        var logs = folder.Read(Plan("Logs = @( 'logs/*.log', '/var/log/shop/error.log' )")).Require().Monitoring!.Logs;

        logs.ShouldBe([Path.Combine(folder.Folder, "logs/*.log"), "/var/log/shop/error.log"]);
    }

    [Theory]
    [InlineData("'logs*/app.log'")]
    [InlineData("''")]
    [InlineData("7")]
    [InlineData("'logs/'")]
    public void What_is_no_log_is_told(string log) =>
        folder.Errors(Plan($"Logs = @( {log} )")).ShouldHaveSingleItem().ShouldEndWith("expected the path of a log in quotes, with wildcards in its name or without.");

    private static string Plan(string monitoring) =>
        "@{ Service = 'shop'; Environment = 'test'; Release = '1'; Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db' } ); Monitoring = @{ " + monitoring + " } }";
}

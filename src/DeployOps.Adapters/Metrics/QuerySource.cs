using System.Globalization;
using DeployOps.Health.Metrics;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Metrics;

/// <summary>Counts by queries, each read only and on a connection of its own; one that fails, or does not answer one number, gives its metric the error instead of a counter.</summary>
/// <param name="open">Opens a database.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class QuerySource(Func<DatabaseSpec, IDatabase> open, TimeProvider timeProvider) : IMetricSource
{
    // A look must not wait for a query that scans half of the database, nor should the database.
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
    {
        var samples = new List<MetricSample>();
        foreach (var metric in metrics)
        {
            samples.Add(await SampleAsync(metric, cancellationToken));
        }

        return samples;
    }

    private async Task<MetricSample> SampleAsync(MetricSpec metric, CancellationToken cancellationToken)
    {
        if (metric.Database!.ConnectionString.Length == 0)
        {
            return Failed(metric, $"what the ConnectionString of {metric.Database.Name} refers to yields nothing here");
        }

        try
        {
            await using var database = open(metric.Database with { ScriptTimeout = QueryTimeout });
            var answer = await database.Validations.QueryAsync(metric.Query!, 0, text => text, cancellationToken);
            return Number(answer) is { } number
                ? new MetricSample { Metric = metric.Name, Time = timeProvider.GetUtcNow(), Series = [new SeriesValue(SeriesRole.Counter, metric.Query!, number)] }
                : Failed(metric, answer.RowCount == 1 ? "the query answered no number" : string.Create(CultureInfo.InvariantCulture, $"the query answered {answer.RowCount} rows, and one is expected"));
        }
        catch (DeployOpsException e)
        {
            // What cannot be asked now may be at the next look; missing evidence is for the judge.
            return Failed(metric, e.Fact.TrimEnd('.'));
        }
    }

    private static double? Number(QueryAnswer answer) =>
        answer.RowCount == 1 && double.TryParse(answer.Scalar, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private MetricSample Failed(MetricSpec metric, string error) => new() { Metric = metric.Name, Time = timeProvider.GetUtcNow(), Error = error };
}

using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Adapters.Scrape;

/// <summary>
/// Reads counters from Prometheus metrics pages. Each page is fetched once a call, all at the same time; one that cannot be read or is wrong gives every metric
/// that lives on it the error instead of counters.
/// </summary>
internal sealed class ScrapeSource(HttpAsker asker, TimeProvider timeProvider) : IMetricSource
{
    private static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<MetricSample>> SampleAsync(IReadOnlyList<MetricSpec> metrics, CancellationToken cancellationToken)
    {
        var selections = metrics.Select(metric => (Spec: metric, Selection: new MetricSelection(metric))).ToList();
        var pages = selections.GroupBy(selection => selection.Spec.Uri!).Select(async page =>
        {
            var (read, error) = await ReadAsync(page.Key, cancellationToken);
            var time = timeProvider.GetUtcNow();
            return page.Select(one => read is null ? one.Selection.Failed(time, error!) : one.Selection.Sample(read, time)).ToList();
        });
        var byName = (await Task.WhenAll(pages)).SelectMany(page => page).ToDictionary(sample => sample.Metric);
        return [.. metrics.Select(metric => byName[metric.Name])];
    }

    private async Task<(MetricsPage? Page, string? Error)> ReadAsync(Uri uri, CancellationToken cancellationToken)
    {
        var answer = await asker.GetAsync(uri, PageTimeout, MetricsPage.Limit, cancellationToken);
        if (!answer.IsOk)
        {
            return (null, $"{HttpAsker.Show(uri)}: {answer.Words}");
        }

        if (answer.IsCut)
        {
            return (null, $"{HttpAsker.Show(uri)}: the page is longer than {MetricsPage.Limit / 1024 / 1024} MiB");
        }

        try
        {
            return (MetricsPage.Parse(answer.Body.Span), null);
        }
        catch (DeployOpsException e)
        {
            // A page that is wrong now may be right at the next look; missing evidence is for the judge.
            return (null, $"{HttpAsker.Show(uri)}: {e.Message}");
        }
    }
}

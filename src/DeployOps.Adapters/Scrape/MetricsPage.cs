using System.Text;

namespace DeployOps.Adapters.Scrape;

/// <summary>
/// A Prometheus metrics page, text format 0.0.4, as it was at one moment. Timestamps and exemplars are passed over. A page with one wrong line is no evidence at all.
/// Source of the format: prometheus.io, Exposition formats.
/// </summary>
internal sealed class MetricsPage
{
    /// <summary>The most bytes a page may have: 16 MiB, some 150,000 series.</summary>
    public const int Limit = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly IReadOnlyDictionary<string, string> types;

    internal MetricsPage(IReadOnlyList<PageSeries> series, IReadOnlyDictionary<string, string> types)
    {
        this.types = types;
        Series = series;
    }

    /// <summary>Every series, in the page's order.</summary>
    public IReadOnlyList<PageSeries> Series { get; }

    /// <summary>The type the page gives a metric, such as <c>counter</c>; null where it gives none.</summary>
    public string? TypeOf(string name) => types.GetValueOrDefault(name);

    /// <summary>Reads a page's bytes.</summary>
    /// <exception cref="DeployOpsException"><c>MetricsPageInvalid</c>, with the line.</exception>
    public static MetricsPage Parse(ReadOnlySpan<byte> page)
    {
        if (page.Length > Limit)
        {
            throw Invalid(null, $"it is longer than {Limit / 1024 / 1024} MiB");
        }

        try
        {
            return Parse(Strict.GetString(page));
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(null, "it is not UTF-8", e);
        }
    }

    /// <summary>Reads a page's text.</summary>
    /// <exception cref="DeployOpsException"><c>MetricsPageInvalid</c>, with the line.</exception>
    public static MetricsPage Parse(string page)
    {
        if (page.Length > Limit)
        {
            throw Invalid(null, $"it is longer than {Limit / 1024 / 1024} MiB");
        }

        return new MetricsPageReader().Read(page);
    }

    internal static DeployOpsException Invalid(int? line, string reason, Exception? cause = null) => new(
        "MetricsPageInvalid",
        FaultKind.InvalidData,
        line is null ? $"The metrics page cannot be used: {reason}." : $"The metrics page is wrong at line {line}: {reason}.",
        "Check that the address serves metrics in the Prometheus text format.",
        cause);
}

using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Migrations;
using DeployOps.Plans.Syntax;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Monitoring.Metrics</c>: which keys a metric needs depends on how it is measured.</summary>
internal static class MetricBinder
{
    private static readonly string[] Known =
    [
        "Name", "Kind", "Uri", "Database", "Query", "Measure", "Numerator", "Denominator", "Histogram", "Quantile", "Counter",
        "Limit", "Minimum", "BaselineRatio", "Margin", "MinimumCount",
    ];

    private static readonly Dictionary<string, string[]> OfKind = new(StringComparer.Ordinal)
    {
        ["Scrape"] = ["Uri", "Numerator", "Denominator", "Histogram", "Quantile", "Counter"],
        ["Sql"] = ["Database", "Query"],
    };

    private static readonly Dictionary<MetricMeasure, string[]> Required = new()
    {
        [MetricMeasure.Ratio] = ["Numerator", "Denominator"],
        [MetricMeasure.Quantile] = ["Histogram"],
        [MetricMeasure.Rate] = ["Counter"],
    };

    /// <summary>What is measured.</summary>
    /// <param name="monitoring">The section.</param>
    /// <param name="databases">The plan's databases, which queries ask.</param>
    /// <param name="hasBaseline">Whether anything is measured beforehand that could be compared with.</param>
    public static IReadOnlyList<MetricSpec> Bind(PlanSection monitoring, IReadOnlyList<DatabaseSpec> databases, bool hasBaseline)
    {
        var metrics = monitoring.Tables("Metrics", required: false, Known)
            .Select(section => (Section: section, Spec: BindMetric(section, databases)))
            .ToList();
        metrics.ConvertAll(metric => (metric.Section, metric.Spec.Name)).RequireUnique("Name");
        foreach (var (section, spec) in metrics.Where(metric => !hasBaseline && metric.Spec.BaselineRatio is not null))
        {
            section.Report("BaselineRatio", "compares with a baseline, but Monitoring.Baseline is 0: give it a time or leave this key out.");
        }

        return metrics.ConvertAll(metric => metric.Spec);
    }

    private static MetricSpec BindMetric(PlanSection section, IReadOnlyList<DatabaseSpec> databases)
    {
        var kind = section.Kind(KnownKinds.Metrics, OfKind);
        var isQuery = kind == "Sql";
        var measure = section.Choice<MetricMeasure>("Measure", required: !isQuery);
        if (isQuery && measure is not (null or MetricMeasure.Rate))
        {
            section.Report("Measure", "of a query is Rate: how fast its number grows.");
        }
        else if (!isQuery && measure is { } known)
        {
            CheckSeries(section, known);
        }

        var spec = new MetricSpec
        {
            Name = section.Title("Name", required: true) ?? "",
            Kind = kind ?? "",
            Uri = kind == "Scrape" ? section.Address("Uri") : null,
            Database = isQuery ? BindDatabase(section, databases) : null,
            Query = isQuery ? section.Literal("Query", required: true) : null,
            Measure = isQuery ? MetricMeasure.Rate : measure ?? default,
            Numerator = BindSeries(section, "Numerator"),
            Denominator = BindSeries(section, "Denominator"),
            Histogram = BindSeries(section, "Histogram"),
            Counter = BindSeries(section, "Counter"),
        };
        return WithLimits(section, spec);
    }

    private static DatabaseSpec? BindDatabase(PlanSection section, IReadOnlyList<DatabaseSpec> databases)
    {
        var name = section.SafeNameOf("Database");
        var database = databases.FirstOrDefault(one => one.Name == name);
        if (name is not null && database is null)
        {
            section.Wrong("Database", section.Node("Database")!, databases.Count == 0 ? "the plan names no database." : $"expected {PlanText.Or([.. databases.Select(one => one.Name)])}.");
        }

        return database;
    }

    // Read again by whoever measures; a mistake found there would be an hour without a number.
    private static string? BindSeries(PlanSection section, string key)
    {
        var text = section.Value(key);
        try
        {
            _ = text is null ? null : SeriesSelector.Parse(text);
        }
        catch (DeployOpsException e)
        {
            section.Wrong(key, section.Node(key)!, e.Message);
        }

        return text;
    }

    private static MetricSpec WithLimits(PlanSection section, MetricSpec spec)
    {
        var bound = spec with
        {
            Quantile = section.Number("Quantile", value => value is > 0 and < 1, "a number more than 0 and less than 1") ?? spec.Quantile,
            Limit = section.Number("Limit", _ => true, "a number"),
            Minimum = section.Number("Minimum", _ => true, "a number"),
            BaselineRatio = spec.Measure == MetricMeasure.Rate
                ? section.Number("BaselineRatio", value => value is > 0 and < 1, "a number more than 0 and less than 1, since a rate is compared downwards")
                : section.Number("BaselineRatio", value => value > 0, "a number more than 0"),
            Margin = section.Number("Margin", value => value >= 0, "a number of 0 or more") ?? spec.Margin,
            MinimumCount = section.Number("MinimumCount", value => value >= 0, "a number of 0 or more") ?? spec.MinimumCount,
        };
        if (bound.Minimum > bound.Limit)
        {
            section.Report("Minimum", "is more than Limit, so no value is allowed.");
        }

        return bound;
    }

    private static void CheckSeries(PlanSection section, MetricMeasure measure)
    {
        foreach (var key in Required[measure].Where(key => !section.Has(key)))
        {
            section.Report(key, $"is missing: Measure '{measure}' needs {string.Join(" and ", Required[measure])}.");
        }

        var others = Required.Where(other => other.Key != measure).SelectMany(other => other.Value);
        foreach (var key in others.Where(section.Has))
        {
            section.Report(key, $"does not belong to Measure '{measure}', which needs {string.Join(" and ", Required[measure])}.");
        }
    }
}

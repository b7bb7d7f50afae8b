using System.Globalization;

namespace DeployOps.Health.Metrics;

/// <summary>Numbers as an operator reads them, the same in every culture.</summary>
internal static class MetricText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>A count: <c>2,250</c>.</summary>
    public static string Count(double count) => Math.Round(count).ToString("#,0", Invariant);

    /// <summary>A length of time: <c>20 s</c>, <c>5 min</c>, <c>0.2 s</c>, <c>1 h</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalHours: >= 2 } => string.Create(Invariant, $"{span.TotalHours:0.#} h"),
        { TotalMinutes: >= 2 } => string.Create(Invariant, $"{span.TotalMinutes:0.#} min"),
        { TotalSeconds: >= 10 } => string.Create(Invariant, $"{span.TotalSeconds:0} s"),
        _ => string.Create(Invariant, $"{span.TotalSeconds:0.##} s"),
    };

    /// <summary>A measured value in its measure's unit: <c>1.83 %</c>, <c>0.412 s</c>, <c>19.8/s</c>.</summary>
    public static string Measured(MetricMeasure measure, double value) => measure switch
    {
        MetricMeasure.Ratio => string.Create(Invariant, $"{Percent(value)} %"),
        MetricMeasure.Quantile => string.Create(Invariant, $"{value:0.###} s"),
        _ => string.Create(Invariant, $"{value:0.##}/s"),
    };

    /// <summary>An allowed value, as short as the plan wrote it: <c>5 %</c>.</summary>
    public static string Allowed(MetricMeasure measure, double value) => measure switch
    {
        MetricMeasure.Ratio => string.Create(Invariant, $"{value * 100:0.####} %"),
        _ => Measured(measure, value),
    };

    /// <summary>A margin: <c>1 percentage point</c>, <c>0.02 s</c>, <c>5/s</c>.</summary>
    public static string Margin(MetricMeasure measure, double margin) => measure switch
    {
        MetricMeasure.Ratio => string.Create(Invariant, $"{margin * 100:0.####} percentage point{(Math.Abs((margin * 100) - 1) < 1e-9 ? "" : "s")}"),
        _ => Measured(measure, margin),
    };

    /// <summary>A chance: <c>1 in 250</c>, <c>less than 1 in 10^9</c>.</summary>
    public static string Chance(double probability) => probability switch
    {
        < 1e-9 => "less than 1 in 10^9",
        _ => $"1 in {Count(1 / probability)}",
    };

    // Two digits, but never "0.00 %" for something that is not nothing.
    private static string Percent(double value) =>
        (value * 100).ToString(value is > 0 and < 0.00005 ? "0.00##" : "0.00", Invariant);
}

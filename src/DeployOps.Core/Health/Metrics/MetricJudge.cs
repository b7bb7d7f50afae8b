using DeployOps.Gates;

namespace DeployOps.Health.Metrics;

/// <summary>
/// Judges one value of a metric, with the numbers that decide in one line. Every limit reads "allowed up to and including".
/// <para>Fail: above <see cref="MetricSpec.Limit"/>, below <see cref="MetricSpec.Minimum"/>, or worse than the baseline allows. One of them is enough.</para>
/// <para>Worse than the baseline means more than <see cref="MetricSpec.BaselineRatio"/> times it <i>and</i> more than <see cref="MetricSpec.Margin"/>
/// beyond it (a rate: less than, and below it), and for ratios and rates that luck alone explains it with a chance below 1 in 10,000. A value beyond it
/// that luck does explain passes, and its line says so.</para>
/// <para>Unknown: no value; too few events, whatever the value is; a quantile the histogram cannot tell from the baseline; or nothing to compare with. Where the baseline
/// is missing or itself rests on too few events, an absolute limit is enough to judge by, and the line says so; without one the answer is Unknown.</para>
/// <para>A rate has enough evidence too where enough events were to be expected by its minimum or its baseline: silence is what it watches for.</para>
/// </summary>
public static class MetricJudge
{
    /// <summary>Judges a value.</summary>
    /// <param name="spec">What is allowed.</param>
    /// <param name="value">What was measured.</param>
    /// <param name="baseline">What it was before; null where it was not measured.</param>
    public static GateResult Judge(MetricSpec spec, MetricValue value, MetricBaseline? baseline)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Value is not { } number)
        {
            return GateResult.Unknown(spec.Name, value.Missing ?? "not measured");
        }

        if (!HasEvidence(spec, value, baseline))
        {
            return GateResult.Unknown(spec.Name, $"{value.Text}; too few to judge, {MetricText.Count(spec.MinimumCount)} are needed");
        }

        var clauses = Clauses(spec, value, number, baseline);
        var verdict = clauses switch
        {
            [] => GateVerdict.Unknown,
            _ when clauses.Exists(clause => clause.Verdict == GateVerdict.Fail) => GateVerdict.Fail,
            _ when clauses.Exists(clause => clause.Verdict == GateVerdict.Unknown) => GateVerdict.Unknown,
            _ => GateVerdict.Pass,
        };
        var words = clauses.Count == 0 ? ["the plan does not say what is allowed"] : clauses.Select(clause => clause.Detail);
        return new GateResult(spec.Name, verdict, $"{value.Text}; {string.Join("; ", words)}");
    }

    /// <summary>Whether a value rests on enough events to be judged.</summary>
    internal static bool HasEvidence(MetricSpec spec, MetricValue value, MetricBaseline? baseline)
    {
        var expected = spec.Measure == MetricMeasure.Rate
            ? Math.Max(spec.Minimum ?? 0, spec.BaselineRatio is null ? 0 : baseline?.Value ?? 0) * value.Span.TotalSeconds
            : 0;
        return value.Count >= spec.MinimumCount || expected >= spec.MinimumCount;
    }

    /// <summary>Whether a value by itself is within everything allowed, on however few events and without asking for luck.</summary>
    internal static bool IsWithin(MetricSpec spec, MetricValue value, MetricBaseline? baseline) =>
        value.Value is { } number
        && !IsOverLimit(spec, value, number)
        && !IsUnderMinimum(spec, number)
        && !(spec.BaselineRatio is { } ratio && baseline?.Value is { } before && IsBeyond(spec, ratio, number, before));

    /// <summary>Whether a value is let pass only because luck may explain it, so that more events would tell.</summary>
    internal static bool IsWithinLuck(MetricSpec spec, MetricValue value, MetricBaseline? baseline) =>
        value.Value is { } number
        && !IsOverLimit(spec, value, number)
        && !IsUnderMinimum(spec, number)
        && spec.BaselineRatio is { } ratio
        && baseline is { Value: { } before }
        && IsBeyond(spec, ratio, number, before)
        && Luck(spec, value, baseline) >= LuckTest.Threshold;

    private static double? Luck(MetricSpec spec, MetricValue value, MetricBaseline baseline) => spec.Measure switch
    {
        MetricMeasure.Ratio => LuckTest.OfMoreHits(value.Hits, value.Count, baseline.Hits, baseline.Count),
        MetricMeasure.Rate => LuckTest.OfFewerEvents(value.Count, value.Span, baseline.Count, baseline.Span),
        _ => null,
    };

    // A quantile beyond the histogram's last bound may be any more, so no limit is known to hold.
    private static bool IsOverLimit(MetricSpec spec, MetricValue value, double number) =>
        spec.Limit is { } limit && (value.IsAtLeast || Exceeds(number, limit));

    private static bool IsUnderMinimum(MetricSpec spec, double number) => spec.Minimum is { } minimum && Exceeds(minimum, number);

    private static bool IsBeyond(MetricSpec spec, double ratio, double number, double before) => spec.Measure == MetricMeasure.Rate
        ? Exceeds(Math.Min(ratio * before, before - spec.Margin), number)
        : Exceeds(number, Math.Max(ratio * before, before + spec.Margin));

    private static List<GateResult> Clauses(MetricSpec spec, MetricValue value, double number, MetricBaseline? baseline)
    {
        var clauses = new List<GateResult>();
        if (spec.Limit is { } limit)
        {
            var isOver = IsOverLimit(spec, value, number);
            clauses.Add(Clause(isOver, $"limit {MetricText.Allowed(spec.Measure, limit)}{(isOver ? " exceeded" : "")}"));
        }

        if (spec.Minimum is { } minimum)
        {
            var isUnder = IsUnderMinimum(spec, number);
            clauses.Add(Clause(isUnder, $"at least {MetricText.Allowed(spec.Measure, minimum)}{(isUnder ? " missed" : "")}"));
        }

        if (spec.BaselineRatio is { } ratio)
        {
            clauses.Add(AgainstBaseline(spec, ratio, value, number, baseline, hasOther: clauses.Count > 0));
        }

        return clauses;
    }

    private static GateResult AgainstBaseline(MetricSpec spec, double ratio, MetricValue value, double number, MetricBaseline? baseline, bool hasOther)
    {
        if (baseline?.Value is not { } before || baseline.Count < spec.MinimumCount)
        {
            var why = baseline?.Value is null
                ? $"no baseline{(baseline?.Missing is { } missing ? $" ({missing})" : "")}"
                : $"the baseline rests on {MetricText.Count(baseline.Count)} only";
            return hasOther ? GateResult.Pass("", $"{why}, so judged by the limit alone") : GateResult.Unknown("", $"{why} to compare with");
        }

        var isRate = spec.Measure == MetricMeasure.Rate;
        var words = FormattableString.Invariant(
            $"baseline {MetricText.Measured(spec.Measure, before)} of {MetricText.Count(baseline.Count)} (allowed {ratio:0.###}x{Beyond(spec, isRate)})");
        if (!IsBeyond(spec, ratio, number, before))
        {
            return value.IsAtLeast ? GateResult.Unknown("", $"{words}, which the histogram cannot tell") : GateResult.Pass("", words);
        }

        var luck = Luck(spec, value, baseline);
        return luck switch
        {
            null => GateResult.Fail("", $"{words} exceeded"),
            < LuckTest.Threshold => GateResult.Fail("", $"{words} {(isRate ? "missed" : "exceeded")}, luck {MetricText.Chance(luck.Value)}"),
            _ => GateResult.Pass("", $"{words}, beyond it but within luck ({MetricText.Chance(luck.Value)})"),
        };
    }

    private static string Beyond(MetricSpec spec, bool isRate) =>
        spec.Margin > 0 ? $" and {(isRate ? '-' : '+')}{MetricText.Margin(spec.Measure, spec.Margin)}" : "";

    private static GateResult Clause(bool isBroken, string words) => isBroken ? GateResult.Fail("", words) : GateResult.Pass("", words);

    // What is equal on paper may differ in a double's last digits, and equal is allowed.
    private static bool Exceeds(double value, double allowed) => value > allowed + (1e-12 * Math.Max(Math.Abs(value), Math.Abs(allowed)));
}

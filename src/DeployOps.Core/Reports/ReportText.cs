using System.Globalization;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>How the report says times, lengths, numbers and outcomes: the same in every culture, in UTC.</summary>
internal static class ReportText
{
    private const int LongestCell = 600;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary><c>12:00:05</c>.</summary>
    internal static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", Invariant);

    /// <summary><c>2026-03-05</c>.</summary>
    internal static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", Invariant);

    /// <summary><c>2026-03-05 12:00:05 UTC</c>.</summary>
    internal static string Moment(DateTimeOffset time) => $"{Day(time)} {Clock(time)} UTC";

    /// <summary><c>2026-03-05 12:00:05.120</c>.</summary>
    internal static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", Invariant);

    /// <summary>A time that machines read too.</summary>
    internal static Tag Stamp(DateTimeOffset time, string words) =>
        new Tag("time", words).With("datetime", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", Invariant));

    /// <summary>A length of time: <c>12 ms</c>, <c>0.2 s</c>, <c>42 s</c>, <c>1 min 24 s</c>, <c>2 h</c>, <c>2 d 3 h</c>. Negative ones count as none.</summary>
    internal static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: <= 0 } => "0 s",
        { TotalSeconds: > 0 and < 0.0995 } => string.Create(Invariant, $"{span.TotalMilliseconds:0.#} ms"),
        { TotalSeconds: < 9.95 } => string.Create(Invariant, $"{span.TotalSeconds:0.#} s"),
        { TotalSeconds: < 59.5 } => string.Create(Invariant, $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => Parts(span, TimeSpan.FromSeconds(1), 60, "min", "s"),
        { TotalHours: < 24 } => Parts(span, TimeSpan.FromMinutes(1), 60, "h", "min"),
        _ => Parts(span, TimeSpan.FromHours(1), 24, "d", "h"),
    };

    /// <summary><c>1 script</c>, <c>2 scripts</c>.</summary>
    internal static string Count(long count, string one, string? many = null) =>
        $"{MetricText.Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>A file's size: <c>512 bytes</c>, <c>4.2 MiB</c>.</summary>
    internal static string Size(long bytes) => bytes switch
    {
        < 1024 => Count(bytes, "byte"),
        < 1024 * 1024 => string.Create(Invariant, $"{bytes / 1024.0:0.#} KiB"),
        < 1024L * 1024 * 1024 => string.Create(Invariant, $"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => string.Create(Invariant, $"{bytes / (1024.0 * 1024 * 1024):0.##} GiB"),
    };

    /// <summary>A number for a picture.</summary>
    internal static string Number(double number) => number.ToString("0.###", Invariant);

    /// <summary>Text short enough for a table's cell; the log below has it whole.</summary>
    internal static string Clip(string text)
    {
        if (text.Length <= LongestCell)
        {
            return text;
        }

        var length = char.IsHighSurrogate(text[LongestCell - 1]) ? LongestCell - 1 : LongestCell;
        return $"{text.AsSpan(0, length)}… ({MetricText.Count(text.Length - length)} more characters)";
    }

    /// <summary>A sentence's end, where the text does not bring its own.</summary>
    internal static string Sentence(string text)
    {
        var words = Clip(text.Trim());
        return words.Length == 0 || words[^1] is '.' or '!' or '?' ? words : $"{words}.";
    }

    /// <summary>Words as an enumeration: <c>a, b and c</c>.</summary>
    internal static string List(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.Take(words.Count - 1))} and {words[^1]}";

    /// <summary>An outcome in words; null is a phase that nobody saw end.</summary>
    internal static string Outcome(PhaseOutcome? outcome) => outcome switch
    {
        null => "No end recorded",
        PhaseOutcome.RolledBack => "Rolled back",
        PhaseOutcome.RollbackFailed => "Rollback failed",
        { } known => known.ToString(),
    };

    private static string Parts(TimeSpan span, TimeSpan small, int perLarge, string large, string little)
    {
        var units = (long)Math.Round(span / small);
        var rest = units % perLarge;
        return rest == 0 ? $"{units / perLarge} {large}" : $"{units / perLarge} {large} {rest} {little}";
    }
}

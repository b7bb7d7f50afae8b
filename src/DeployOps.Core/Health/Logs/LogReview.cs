using System.Globalization;
using DeployOps.Gates;

namespace DeployOps.Health.Logs;

/// <summary>
/// Reviews what programs write since before the release: each kind of error that their logs had not told of before is a finding, shown by its first line.
/// Fail: a look met lines of a new kind. Pass: it met none, and the line tells how many kinds came earlier. Unknown: there is no log, or one cannot be read.
/// </summary>
/// <param name="patterns">The logs: full paths, with wildcards in the name or without.</param>
/// <param name="redact">Takes known secrets out of a line, before it is cut.</param>
internal sealed class LogReview(IReadOnlyList<string> patterns, Func<string, string> redact)
{
    /// <summary>What its finding is called.</summary>
    internal const string Name = "logs";

    private const int ShownKinds = 3;
    private const int ShownCharacters = 200;

    private readonly LogReader reader = new(patterns);
    private readonly LogTemplates templates = new();
    private readonly HashSet<LogTemplate> found = [];

    /// <summary>Reads what the logs hold before the release, and knows every kind of error in it from then on.</summary>
    /// <exception cref="DeployOpsException"><c>LogUnreadable</c>.</exception>
    internal LogBaseline Learn()
    {
        var (lines, errors) = (0L, 0L);
        foreach (var one in LogEvent.Read(reader.Read()))
        {
            lines += 1 + one.More;
            if (one.IsError)
            {
                errors++;
                templates.Take(one.Beginning);
            }
        }

        return new LogBaseline(reader.Positions, templates.Texts(), lines, errors);
    }

    /// <summary>Knows what was learned by another process, and goes on from there.</summary>
    internal void Know(LogBaseline baseline)
    {
        reader.GoOnFrom(baseline.Positions);
        foreach (var template in baseline.Templates)
        {
            templates.Know(template);
        }
    }

    /// <summary>Reads what was added since the last look.</summary>
    internal GateResult Look()
    {
        try
        {
            var (lines, errors) = (0L, 0L);
            var kinds = new Dictionary<LogTemplate, (int Times, string First)>();
            foreach (var one in LogEvent.Read(reader.Read()))
            {
                lines += 1 + one.More;
                if (one.IsError)
                {
                    errors++;
                    Count(one, kinds);
                }
            }

            return Judge(lines, errors, kinds);
        }
        catch (DeployOpsException e) when (e.ErrorId == "LogUnreadable")
        {
            return GateResult.Unknown(Name, e.Fact);
        }
    }

    private void Count(LogEvent one, Dictionary<LogTemplate, (int Times, string First)> kinds)
    {
        var (template, isNew) = templates.Take(one.Beginning);
        if (template is not null && (isNew || found.Contains(template)))
        {
            found.Add(template);
            kinds[template] = kinds.TryGetValue(template, out var before) ? (before.Times + 1, before.First) : (1, one.Line);
        }
    }

    private GateResult Judge(long lines, long errors, Dictionary<LogTemplate, (int Times, string First)> kinds)
    {
        if (reader.Files().Count == 0)
        {
            return GateResult.Unknown(Name, $"no file is there: {string.Join(", ", patterns)}");
        }

        var read = string.Create(CultureInfo.InvariantCulture, $"{lines} new lines, {errors} errors");
        if (kinds.Count > 0)
        {
            var shown = kinds.Values.OrderByDescending(kind => kind.Times).Take(ShownKinds).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Times} x '{Shown(kind.First)}'"));
            var more = kinds.Count > ShownKinds ? string.Create(CultureInfo.InvariantCulture, $", and {kinds.Count - ShownKinds} more kinds") : "";
            return GateResult.Fail(Name, $"errors never seen before the release: {string.Join(", ", shown)}{more}; {read}");
        }

        var gaps = reader.TakeGaps();
        if (gaps.Count > 0)
        {
            return GateResult.Unknown(Name, $"{string.Join(", ", gaps)} was replaced, and what was added to it before that is gone; {read}");
        }

        return GateResult.Pass(Name, found.Count == 0 ? $"{read}, none of a new kind" : string.Create(CultureInfo.InvariantCulture, $"{read}, none of a new kind; {found.Count} earlier"));
    }

    private string Shown(string line)
    {
        var clean = redact(line).Trim();
        return clean.Length <= ShownCharacters ? clean : clean[..(char.IsHighSurrogate(clean[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…";
    }
}

using System.Globalization;
using DeployOps.Gates;

namespace DeployOps.Health.Logs;

/// <summary>
/// Reviews what programs write since before the release: a kind of error that their logs had not told of before is a finding, shown by its first line.
/// Fail: a look met lines of a new kind. Unknown: it met none, but an earlier one did, and a person has not looked; or a log is not there, cannot be read, or was replaced unread.
/// Pass: no new kind since the release.
/// </summary>
/// <param name="patterns">The logs: full paths, with wildcards in the name or without.</param>
/// <param name="redact">Takes known secrets out of a line, before it is cut.</param>
/// <param name="staysOpen">Whether a kind that was met leaves the looks after it without a verdict: a watch must not end well over it. Of check-ins each is told by itself.</param>
internal sealed class LogReview(IReadOnlyList<string> patterns, Func<string, string> redact, bool staysOpen = true)
{
    /// <summary>What its finding is called.</summary>
    internal const string Name = "logs";

    /// <summary>The name under which the journal keeps how far a watch that came to its end had read.</summary>
    internal const string WatchedName = "logs watched";

    private const int ShownKinds = 3;
    private const int ShownCharacters = 200;

    private readonly LogReader reader = new(patterns);
    private readonly LogTemplates templates = new();
    private readonly Dictionary<LogTemplate, string> found = [];

    /// <summary>Reads what the logs hold before the release, and knows every kind of error in it from then on.</summary>
    /// <exception cref="DeployOpsException"><c>LogUnreadable</c>.</exception>
    internal LogBaseline Learn()
    {
        var (lines, errors) = (0L, 0L);
        foreach (var one in reader.ReadFirst())
        {
            lines += 1 + one.More;
            if (one.IsError)
            {
                errors++;
                templates.Take(one.Said(redact));
            }
        }

        if (reader.Unreadable is [var first, ..])
        {
            throw first;
        }

        return new LogBaseline(reader.Positions, templates.Texts(), lines, errors);
    }

    /// <summary>Knows what was learned by another process, and goes on from there.</summary>
    internal void Know(LogBaseline baseline)
    {
        reader.GoOnFrom(baseline.Positions);
        foreach (var text in baseline.Templates)
        {
            var template = templates.Know(text);
            if (baseline.Found.FirstOrDefault(kind => kind.Template == text) is { } kind)
            {
                found[template] = kind.First;
            }
        }
    }

    /// <summary>How far it has come, for another process to go on from.</summary>
    internal LogBaseline Reached() => new(reader.Positions, templates.Texts(), 0, 0) { Found = [.. found.Select(kind => new NewErrorKind(kind.Key.ToString(), kind.Value))] };

    /// <summary>Reads what was added since the last look.</summary>
    /// <param name="isLast">Whether no other look follows: then nothing is left for one.</param>
    internal GateResult Look(bool isLast = false)
    {
        var (lines, errors) = (0L, 0L);
        var kinds = new Dictionary<LogTemplate, int>();
        foreach (var one in reader.Read(isLast))
        {
            lines += 1 + one.More;
            if (one.IsError)
            {
                errors++;
                Count(one, kinds);
            }
        }

        return Judge(string.Create(CultureInfo.InvariantCulture, $"{lines} new lines, {errors} errors"), kinds, reader.TakeGaps());
    }

    private void Count(LogEvent one, Dictionary<LogTemplate, int> kinds)
    {
        var (template, isNew) = templates.Take(one.Said(redact));
        if (template is null)
        {
            return;
        }

        if (isNew)
        {
            found[template] = Shown(one.Line);
        }

        if (found.ContainsKey(template))
        {
            kinds[template] = kinds.GetValueOrDefault(template) + 1;
        }
    }

    // What fails comes first: a file that cannot be read takes nothing back of what another told.
    private GateResult Judge(string read, Dictionary<LogTemplate, int> kinds, IReadOnlyList<string> gaps)
    {
        if (kinds.Count > 0)
        {
            var shown = kinds.OrderByDescending(kind => kind.Value).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Value} x '{found[kind.Key]}'")).ToList();
            return GateResult.Fail(Name, $"errors never seen before the release: {Few(shown)}; {read}");
        }

        if (reader.Unreadable is [var first, ..])
        {
            return GateResult.Unknown(Name, $"{first.Fact.TrimEnd('.')}; {read}");
        }

        if (reader.Files().Count == 0)
        {
            return GateResult.Unknown(Name, $"no file is there: {string.Join(", ", patterns)}");
        }

        if (gaps.Count > 0)
        {
            return GateResult.Unknown(Name, $"{string.Join(", ", gaps)} was replaced, and what was added to it before that is gone; {read}");
        }

        var words = found.Count == 0 ? $"{read}, none of a new kind" : $"{read}; new since the release, and not now: {Few([.. found.Values.Select(line => $"'{line}'")])}";
        return found.Count > 0 && staysOpen ? GateResult.Unknown(Name, words) : GateResult.Pass(Name, words);
    }

    private static string Few(List<string> kinds) =>
        string.Join(", ", kinds.Take(ShownKinds)) + (kinds.Count > ShownKinds ? string.Create(CultureInfo.InvariantCulture, $", and {kinds.Count - ShownKinds} more kinds") : "");

    private string Shown(string line)
    {
        var clean = redact(line).Trim();
        return clean.Length <= ShownCharacters ? clean : clean[..(char.IsHighSurrogate(clean[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…";
    }
}

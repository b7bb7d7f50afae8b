using System.Text.RegularExpressions;

namespace DeployOps.Health.Logs;

/// <summary>One event of a log: its first line, and the lines that belong to it, as those of a stack trace do.</summary>
/// <param name="Line">The first line.</param>
/// <param name="Next">The line after it, where that belongs to it; else empty.</param>
/// <param name="More">How many lines belong to it.</param>
internal sealed partial record LogEvent(string Line, string Next, int More)
{
    /// <summary>As much of a line as is looked at.</summary>
    private const int LookedAt = 4096;

    /// <summary>Whether it tells of an error, by the words that programs use for their levels and by what they call exceptions.</summary>
    internal bool IsError => ErrorWords().IsMatch(Beginning(Line));

    /// <summary>Whether it is an error whose first line says no more than level and category, and nothing came after it yet: what it is stands in the next one.</summary>
    internal bool WantsNext => IsError && More == 0 && SaidBy(Beginning(Line)) is var said && SaysNothing(said) && said.Any(char.IsLetter);

    /// <summary>
    /// What the event says, without what stands before its level. Where the first line names no more than level and category, the next one says it; where nothing
    /// follows the level at all, as in <c>500 Internal Server Error</c>, the whole line does.
    /// </summary>
    /// <param name="redact">Takes known secrets out, before anything is cut or masked: half a secret is not recognised.</param>
    internal string Said(Func<string, string> redact)
    {
        var line = Beginning(redact(Line));
        var said = SaidBy(line);
        if (SaysNothing(said) && Next.Length > 0)
        {
            return $"{said} {Beginning(redact(Next))}";
        }

        return said.Any(char.IsLetterOrDigit) ? said : line;
    }

    /// <summary>Puts the lines of one file together into events.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="holds">Asked, with the place where it begins, whether the last event is left for the next look, since lines may follow that belong to it.</param>
    internal static IEnumerable<LogEvent> Read(IEnumerable<LogLine> lines, Func<LogEvent, long, bool> holds)
    {
        LogEvent? open = null;
        var begin = 0L;
        foreach (var line in lines)
        {
            if (Belongs(line.Text))
            {
                // Without an event before it, it is the rest of one that was read earlier.
                open = open is null ? null : open with { Next = open.More == 0 ? line.Text : open.Next, More = open.More + 1 };
                continue;
            }

            if (open is not null)
            {
                yield return open;
            }

            (open, begin) = (line.Text.Length == 0 || line.WasTold ? null : new LogEvent(line.Text, "", 0), line.Begin);
        }

        if (open is not null && !holds(open, begin))
        {
            yield return open;
        }
    }

    private static string SaidBy(string line)
    {
        var level = Levels().Match(line);
        return level.Success ? line[(level.Index + level.Length)..] : line;
    }

    private static bool SaysNothing(string said) => said.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries).Length < 2;

    private static string Beginning(string line) => line.Length <= LookedAt ? line : line[..LookedAt];

    // An indented line, or one of those that runtimes put below an exception.
    private static bool Belongs(string line) =>
        line.Length > 0 && (line[0] is ' ' or '\t' || line.StartsWith("at ", StringComparison.Ordinal) || line.StartsWith("Caused by:", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal));

    // Words of levels as loggers write them, in lower case only where their form tells that they are levels: in brackets, between tabs, before a colon at the line's beginning, where a time
    // or a journal's program may stand before them, and as fields; 50 and 60 are pino's numbers for error and fatal. And names of exceptions.
    private const string LevelWords = """
        \b(ERROR|Error|ERR|FATAL|Fatal|FTL|CRITICAL|Critical|CRIT|SEVERE|EMERG|ALERT|PANIC|panic|Traceback)\b
        |\[([\w.]+:)?(error|err|fatal|crit|critical|alert|emerg)\]
        |(^|\w\[\d+\]:)[\s\d/:.,+\-TZ\[\]]*([AP]M\s+)?(error|fatal|fail|crit|critical)\s*:
        |\t(error|fatal|dpanic|panic)\t
        |\b(level|lvl|severity)="?(error|err|eror|crit|fatal|critical|panic)\b"?
        |"(level|severity)"\s*:\s*("(error|err|fatal|critical|ERROR|FATAL|CRITICAL)"|[56]0\b)
        """;

    [GeneratedRegex(LevelWords, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Levels();

    [GeneratedRegex(LevelWords + "|\\w(Exception|Error)\\b", RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ErrorWords();
}

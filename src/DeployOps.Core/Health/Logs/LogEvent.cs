using System.Text.RegularExpressions;

namespace DeployOps.Health.Logs;

/// <summary>One event of a log: its first line, and the lines that belong to it, as those of a stack trace do.</summary>
/// <param name="Line">The first line.</param>
/// <param name="More">How many lines belong to it.</param>
internal sealed partial record LogEvent(string Line, int More)
{
    private const int LookedAt = 4096;

    /// <summary>Whether it tells of an error, by the words that programs use for their levels and by what they call exceptions.</summary>
    internal bool IsError => ErrorWords().IsMatch(Beginning);

    /// <summary>As much of the line as is looked at.</summary>
    internal string Beginning => Line.Length <= LookedAt ? Line : Line[..LookedAt];

    /// <summary>Puts lines together into events.</summary>
    internal static IEnumerable<LogEvent> Read(IEnumerable<string> lines)
    {
        LogEvent? open = null;
        foreach (var line in lines)
        {
            if (Belongs(line))
            {
                // Without an event before it, it is the rest of one that was read earlier.
                open = open is null ? null : open with { More = open.More + 1 };
            }
            else
            {
                if (open is not null)
                {
                    yield return open;
                }

                open = line.Length == 0 ? null : new LogEvent(line, 0);
            }
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    // An indented line, or one of those that runtimes put below an exception.
    private static bool Belongs(string line) =>
        line.Length > 0 && (line[0] is ' ' or '\t' || line.StartsWith("at ", StringComparison.Ordinal) || line.StartsWith("Caused by:", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(ERROR|Error|FATAL|Fatal|CRITICAL|Critical|SEVERE|EMERG|ALERT|PANIC|panic|Traceback)\b|level=(error|fatal)|""level"":\s*""(error|fatal)""|\b(fail|crit)(?=:)|\w(Exception|Error)\b", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorWords();
}

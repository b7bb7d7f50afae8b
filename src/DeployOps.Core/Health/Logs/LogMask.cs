using System.Text.RegularExpressions;

namespace DeployOps.Health.Logs;

/// <summary>
/// Takes out of a line what differs from one event to the next: times, addresses, paths, identifiers, numbers. What stays is what the program says.
/// </summary>
internal static partial class LogMask
{
    /// <summary>How long one line may be worked on.</summary>
    private const int MatchMilliseconds = 200;

    /// <summary>The line's words, each varying one replaced by what sort it is.</summary>
    internal static IReadOnlyList<string> Words(string line) => Masked(line).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>True for a word that is nothing but something that was masked.</summary>
    internal static bool IsMask(string word) => word.Length > 2 && word[0] == '<' && word[^1] == '>';

    private static string Masked(string line)
    {
        try
        {
            return Numbers().Replace(Sorts().Replace(line, Sort), "<num>");
        }
        catch (RegexMatchTimeoutException)
        {
            // Told apart by all of it, rather than not at all.
            return line;
        }
    }

    private static string Sort(Match match) => $"<{match.Groups.Values.First(group => group.Success && !char.IsAsciiDigit(group.Name[0])).Name}>";

    // The longest sorts first: a time within an address is a part of the address.
    [GeneratedRegex(
        """
        (?<id>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)
        |(?<url>\b[a-z][a-z0-9+.-]*://[^\s"'<>\])}]+)
        |(?<mail>\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b)
        |(?<time>\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\b\d\d:\d\d:\d\d([.,]\d+)?\b)
        |(?<ip>\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[?\b([0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}\b\]?(:\d+)?)
        |(?<path>(?<![\w.])(/[\w.@%+-]+){2,}/?|\b[A-Za-z]:\\[^\s"']+)
        |(?<hex>\b0[xX][0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b)
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace,
        MatchMilliseconds)]
    private static partial Regex Sorts();

    // Also within a word, as in 12ms, node-3 and (4).
    [GeneratedRegex(@"(?<![A-Za-z<])[-+]?\d+([.,]\d+)*(?![A-Za-z]*>)", RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex Numbers();
}

using System.Text.RegularExpressions;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Writes an expression of the server's in one form, whatever form it has: the server writes some otherwise after it has read its own writing, such as
/// <c>ANY ((ARRAY['a'::character varying])::text[])</c>, which becomes <c>ANY (ARRAY[('a'::character varying)::text])</c>. White space goes, and casts between texts, and parentheses around
/// what would be one without them: a name, a value, a call, other parentheses. Those that group operators stay, since they say what belongs together.
/// </summary>
internal static class PostgreSqlExpression
{
    /// <summary>What stands before an expression in a line.</summary>
    internal const char Begins = '\u0001';

    /// <summary>What stands behind it.</summary>
    internal const char Ends = '\u0002';

    private const string Cast = "::";

    private static readonly Regex Form = new(
        """(?<blank>\s+)|(?<text>[EeBbXx]?'(''|[^'])*')|(?<name>"(""|[^"])*"|[\p{L}_][\p{L}\p{N}_$]*)|(?<number>[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?)|(?<cast>::)|(?<mark>[()\[\],;.])|(?<operator>[-+*/<>=~!@#%^&|`?:]+)|(?<other>.)""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.Singleline);

    // A name before parentheses calls, and they belong to it; these call nothing.
    private static readonly HashSet<string> Words = new(["AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "CASE", "WHERE", "ON", "HAVING", "BY", "IS", "DEFAULT", "SELECT", "RETURN"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> Texts = new(["text", "bpchar"], StringComparer.Ordinal);

    /// <summary>Writes each expression of a line in its one form.</summary>
    internal static string Normal(string line)
    {
        var begins = line.IndexOf(Begins, StringComparison.Ordinal);
        var ends = begins < 0 ? -1 : line.IndexOf(Ends, begins);
        return ends < 0 ? line : line[..begins] + One(line[(begins + 1)..ends]) + Normal(line[(ends + 1)..]);
    }

    private static string One(string expression)
    {
        var words = Form.Matches(expression).Where(match => !match.Groups["blank"].Success).Select(match => match.Value).ToList();
        return string.Join(' ', WithoutParentheses(WithoutTexts(words)));
    }

    // ::text, ::character varying(20)[] and the like.
    private static List<string> WithoutTexts(List<string> words)
    {
        var kept = new List<string>();
        for (var at = 0; at < words.Count; at++)
        {
            if (words[at] == Cast && TextEnds(words, at + 1) is { } end)
            {
                at = end - 1;
            }
            else
            {
                kept.Add(words[at]);
            }
        }

        return kept;
    }

    private static int? TextEnds(List<string> words, int at)
    {
        string? Word(int place) => place < words.Count ? words[place] : null;
        var end = Word(at) is { } word && Texts.Contains(word) ? at + 1 : Word(at) == "character" && Word(at + 1) == "varying" ? at + 2 : 0;
        if (end == 0)
        {
            return null;
        }

        end += Word(end) == "(" && Word(end + 2) == ")" ? 3 : 0;
        return end + (Word(end) == "[" && Word(end + 1) == "]" ? 2 : 0);
    }

    // From within: what parentheses hold is in its one form before it is seen whether they are needed.
    private static List<string> WithoutParentheses(List<string> words)
    {
        var written = new List<string>();
        var open = new Stack<int>();
        for (var at = 0; at < words.Count; at++)
        {
            written.Add(words[at]);
            if (words[at] == "(")
            {
                open.Push(written.Count - 1);
            }
            else if (words[at] == ")" && open.TryPop(out var start) && IsNeedless(written, start, at + 1 < words.Count ? words[at + 1] : null))
            {
                written.RemoveAt(written.Count - 1);
                written.RemoveAt(start);
            }
        }

        return written;
    }

    // The last word is what closes them.
    private static bool IsNeedless(List<string> words, int start, string? next)
    {
        var (first, last) = (start + 1, words.Count - 2);
        if (first > last || next is "." or "[")
        {
            return false;
        }

        var isBeforeOther = words[first] == "(" && Close(words, first, last) == last;
        return isBeforeOther || (!BelongsToName(words, start) && IsOne(words, first, last));
    }

    private static bool BelongsToName(List<string> words, int start) => start > 0 && IsName(words[start - 1]) && !Words.Contains(words[start - 1]);

    // A value, a name of several parts, a call or an array, with its casts.
    private static bool IsOne(List<string> words, int first, int last)
    {
        if (words[first] is "(" or "[" || IsOperator(words[first]))
        {
            return false;
        }

        var at = first;
        while (at < last)
        {
            var next = words[at + 1];
            if (next is "." or Cast || words[at] is "." or Cast)
            {
                at++;
            }
            else if (next is "(" or "[" && IsName(words[at]) && !Words.Contains(words[at]))
            {
                at = Close(words, at + 1, last);
            }
            else
            {
                return false;
            }
        }

        return at == last;
    }

    // Where what opens here closes; beyond the last word where it does not.
    private static int Close(List<string> words, int opens, int last)
    {
        for (var (at, depth) = (opens, 0); at <= last; at++)
        {
            depth += words[at] is "(" or "[" ? 1 : words[at] is ")" or "]" ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        return last + 1;
    }

    private static bool IsName(string word) => word[0] is '"' or '_' || char.IsLetter(word[0]) && !word.EndsWith('\'');

    private static bool IsOperator(string word) => !IsName(word) && !char.IsLetterOrDigit(word[0]) && word[0] != '\'';
}

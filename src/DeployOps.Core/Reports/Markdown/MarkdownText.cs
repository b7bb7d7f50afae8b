using System.Text;
using System.Text.RegularExpressions;

namespace DeployOps.Reports.Markdown;

/// <summary>Makes text of any origin safe to stand in Markdown (CommonMark with GitHub's tables): markup stays text, also markup of HTML.</summary>
internal static class MarkdownText
{
    // What would begin a list, a heading's underline or a rule, were it the first of its line.
    private static readonly Regex BlockStart = new("^(?<mark>[-+=]|[0-9]{1,9}[.)])([-+= ]|$)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    // What is behind it would notify a person or become a link, without any markup.
    private static readonly string[] Calls = ["@", "http:", "https:", "ftp:", "www."];

    private const string Nothing = "<!-- -->";

    /// <summary>The text, encoded.</summary>
    /// <param name="text">The text.</param>
    /// <param name="newLine">What stands for the end of a line: a blank, or a break in a table's cell.</param>
    internal static string Encode(string text, string newLine)
    {
        var page = new StringBuilder(text.Length + 16);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            Append(page, rune, rune.Value == '_' && IsInWord(text, at), newLine);
            at += rune.Utf16SequenceLength;
            if (Array.Exists(Calls, call => text.AsSpan(0, at).EndsWith(call, StringComparison.OrdinalIgnoreCase)))
            {
                page.Append(Nothing);
            }
        }

        return page.ToString();
    }

    /// <summary>Encoded text that is to begin a line, so that it begins nothing else.</summary>
    internal static string AtStart(string encoded) =>
        BlockStart.Match(encoded) is { Success: true } match ? encoded.Insert(match.Groups["mark"].Length - 1, "\\") : encoded;

    /// <summary>Text as code, on one line, within as many backticks as it needs.</summary>
    internal static string Code(string text, bool isInTable)
    {
        var page = new StringBuilder(text.Length + 8);
        foreach (var rune in text.ReplaceLineEndings(" ").EnumerateRunes())
        {
            VisibleText.Append(page, rune);
        }

        var code = page.ToString();
        var fence = new string('`', Regex.Matches(code, "`+", RegexOptions.NonBacktracking).Select(match => match.Length).Append(0).Max() + 1);
        var pad = code.Length == 0 || code[0] is '`' or ' ' || code[^1] is '`' or ' ' ? " " : "";
        return $"{fence}{pad}{(isInTable ? code.Replace("|", "\\|", StringComparison.Ordinal) : code)}{pad}{fence}";
    }

    // Underlines within a word, as names have them, emphasise nothing and stay readable in the file.
    private static bool IsInWord(string text, int at)
    {
        var before = text.AsSpan(0, at).TrimEnd('_');
        var after = text.AsSpan(at).TrimStart('_');
        return !before.IsEmpty && !after.IsEmpty && char.IsLetterOrDigit(before[^1]) && char.IsLetterOrDigit(after[0]);
    }

    private static void Append(StringBuilder page, Rune rune, bool isInWord, string newLine)
    {
        switch (rune.Value)
        {
            case '&':
                page.Append("&amp;");
                break;
            case '<':
                page.Append("&lt;");
                break;
            case '>':
                page.Append("&gt;");
                break;
            case '\n':
                page.Append(newLine);
                break;
            case '_' when isInWord:
                page.Append('_');
                break;
            case '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '$':
                page.Append('\\').Append((char)rune.Value);
                break;
            default:
                VisibleText.Append(page, rune);
                break;
        }
    }
}

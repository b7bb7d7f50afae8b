using System.Globalization;
using System.Text;

namespace DeployOps.Smoke.Running;

/// <summary>Makes foreign text fit to be shown: an answer must not move a terminal's cursor or flood a log.</summary>
internal static class SmokeText
{
    /// <summary>Control characters become escapes.</summary>
    /// <param name="text">The foreign text.</param>
    /// <param name="keepLines">Line feeds and tabs stay as they are.</param>
    public static string Printable(string text, bool keepLines = false)
    {
        if (!text.Any(c => Escapes(c, keepLines)))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = (c, Escapes(c, keepLines)) switch
            {
                (_, false) => result.Append(c),
                ('\n', _) => result.Append("\\n"),
                ('\r', _) => result.Append("\\r"),
                ('\t', _) => result.Append("\\t"),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        return result.ToString();
    }

    /// <summary>The first characters, with a sign that there were more.</summary>
    public static string Cut(string text, int longest) =>
        text.Length <= longest ? text : $"{text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)]}... ({text.Length:N0} characters)";

    private static bool Escapes(char c, bool keepLines) =>
        (char.IsControl(c) && !(keepLines && c is '\n' or '\t')) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator;
}

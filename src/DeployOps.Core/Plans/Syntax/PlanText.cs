using System.Globalization;
using System.Text;

namespace DeployOps.Plans.Syntax;

/// <summary>How pieces of a plan are written in a message.</summary>
internal static class PlanText
{
    private const int Longest = 60;

    /// <summary>A value in a few characters: texts in quotes and shortened, tables and lists by their sort.</summary>
    public static string Show(PlanNode node) => node switch
    {
        PlanScalar { Value: string text } => $"'{Shorten(text)}'",
        PlanScalar { Value: true } => "'$true'",
        PlanScalar { Value: false } => "'$false'",
        PlanScalar { Value: null } => "'$null'",
        PlanScalar scalar => $"'{Convert.ToString(scalar.Value, CultureInfo.InvariantCulture)}'",
        PlanList => "is a list",
        _ => "is a table",
    };

    /// <summary>One line of at most 60 characters.</summary>
    public static string Shorten(string text)
    {
        var line = string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length <= Longest ? line : string.Concat(line.AsSpan(0, Longest), "…");
    }

    /// <summary>Whether a text is one line of whole characters: no control, no line or paragraph separator, no half of a pair, which JSON cannot hold.</summary>
    public static bool IsPrintable(string text) =>
        text.EnumerateRunes().All(rune => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))
        && HalfPair.Find(text) < 0;

    /// <summary>Words as "a, b or c".</summary>
    public static string Or(IReadOnlyList<string> words)
        => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}";
}

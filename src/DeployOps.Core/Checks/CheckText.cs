using System.Text;
using DeployOps.Reports;

namespace DeployOps.Checks;

/// <summary>Text of any origin for a machine's file: what XML does not allow, and what a reader would not see or be misled by, is taken out.</summary>
internal static class CheckText
{
    /// <summary>It without control characters but tabs and line ends, without marks of direction and of no width, without halves of characters.</summary>
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\t' or '\n' || !(Rune.IsControl(rune) || rune == Rune.ReplacementChar || VisibleText.IsUnseen(rune.Value)))
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString();
    }

    /// <summary>It on one line.</summary>
    internal static string Line(string text) => string.Join(' ', Clean(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

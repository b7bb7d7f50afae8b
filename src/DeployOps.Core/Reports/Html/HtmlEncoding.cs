using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>Makes text of any origin safe to stand in a page, in an element and in a quoted attribute alike: markup stays text.</summary>
internal static class HtmlEncoding
{
    /// <summary>Appends the text, encoded.</summary>
    internal static void Append(StringBuilder page, string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            Append(page, rune);
        }
    }

    private static void Append(StringBuilder page, Rune rune)
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
            case '"':
                page.Append("&quot;");
                break;
            case '\'':
                page.Append("&#39;");
                break;
            default:
                VisibleText.Append(page, rune);
                break;
        }
    }
}

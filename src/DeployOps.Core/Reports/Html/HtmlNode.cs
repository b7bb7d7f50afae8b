using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>A piece of a page. A string becomes text, never markup.</summary>
internal abstract class HtmlNode
{
    /// <summary>Text, encoded when it is written.</summary>
    public static implicit operator HtmlNode(string text) => new HtmlText(text);

    /// <summary>Writes the piece to the page.</summary>
    internal abstract void Write(StringBuilder page);
}

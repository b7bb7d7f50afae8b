using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>A piece of a page. A string becomes text, never markup.</summary>
internal abstract class HtmlNode
{
    /// <summary>Text, encoded when it is written; nothing where there is none.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator HtmlNode?(string? text) => text is null ? null : new HtmlText(text);

    /// <summary>Writes the piece to the page.</summary>
    internal abstract void Write(StringBuilder page);
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>A piece of a page. A string becomes text, never markup.</summary>
internal abstract class HtmlNode
{
    /// <summary>Text, encoded when it is written; nothing where there is none.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator HtmlNode?(string? text) => text is null ? null : new HtmlText(text);

    /// <summary>The same piece with each of its texts changed: what takes secrets out of a text must see it as it is, and not as a page spells it.</summary>
    internal abstract HtmlNode WithTexts(Func<string, string> change);

    /// <summary>Writes the piece to the page.</summary>
    internal abstract void Write(StringBuilder page);
}

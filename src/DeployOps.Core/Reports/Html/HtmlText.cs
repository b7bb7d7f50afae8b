using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>Text of any origin.</summary>
internal sealed class HtmlText(string text) : HtmlNode
{
    /// <summary>The text as it is.</summary>
    internal string Text => text;

    internal override HtmlNode WithTexts(Func<string, string> change) => new HtmlText(change(text));

    internal override void Write(StringBuilder page) => HtmlEncoding.Append(page, text);
}

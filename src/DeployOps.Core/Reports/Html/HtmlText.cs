using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>Text of any origin.</summary>
internal sealed class HtmlText(string text) : HtmlNode
{
    internal override void Write(StringBuilder page) => HtmlEncoding.Append(page, text);
}

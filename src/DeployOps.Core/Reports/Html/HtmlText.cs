using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>Text of any origin.</summary>
internal sealed class HtmlText(string text) : HtmlNode
{
    /// <summary>How many characters it has.</summary>
    internal int Length => text.Length;

    internal override void Write(StringBuilder page) => HtmlEncoding.Append(page, text);
}

using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>
/// An element with its attributes and content. Everything in it is encoded, it always closes, and what could run or load something has no
/// way in: such tags and attributes are refused.
/// </summary>
/// <param name="name">The element's name.</param>
/// <param name="content">What stands in it, in order; null is left out.</param>
internal sealed class Tag(string name, params IEnumerable<HtmlNode?> content) : HtmlNode
{
    private static readonly HashSet<string> RefusedTags = new(["script", "style", "iframe", "object", "embed", "link", "base", "form"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> VoidTags = new(["meta", "br", "hr"], StringComparer.Ordinal);
    private static readonly HashSet<string> OwnLine = new(
        ["html", "head", "body", "main", "header", "nav", "section", "footer", "table", "tr", "p", "h1", "h2", "h3", "div", "dl", "ul", "li", "details", "svg", "figure", "title", "meta"],
        StringComparer.Ordinal);

    private readonly string name = Checked(name);
    private readonly HtmlNode?[] content = [.. content];
    private readonly List<(string Name, string Value)> attributes = [];

    /// <summary>The element's name.</summary>
    internal string Name => name;

    /// <summary>What stands in it, in order.</summary>
    internal IEnumerable<HtmlNode> Content => content.OfType<HtmlNode>();

    /// <summary>Adds an attribute.</summary>
    /// <exception cref="ArgumentException">It is one that could run or load something, or is there already.</exception>
    internal Tag With(string attribute, string value)
    {
        if (attributes.Exists(known => known.Name == attribute) || !IsName(attribute) || attribute.StartsWith("on", StringComparison.OrdinalIgnoreCase) || IsLoading(attribute, value))
        {
            throw new ArgumentException($"A report has no attribute {attribute} here.", nameof(attribute));
        }

        attributes.Add((attribute, value));
        return this;
    }

    /// <summary>Whether it looks this way: whether its class has this word.</summary>
    internal bool Looks(string word) => attributes.Exists(known => known.Name == "class" && known.Value.Split(' ').Contains(word));

    internal override Tag WithTexts(Func<string, string> change)
    {
        var changed = new Tag(name, content.Select(node => node?.WithTexts(change)));
        changed.attributes.AddRange(attributes);
        return changed;
    }

    internal override void Write(StringBuilder page)
    {
        page.Append('<').Append(name);
        foreach (var (attribute, value) in attributes)
        {
            page.Append(' ').Append(attribute).Append("=\"");
            HtmlEncoding.Append(page, value);
            page.Append('"');
        }

        page.Append('>');
        if (!VoidTags.Contains(name))
        {
            foreach (var node in content)
            {
                node?.Write(page);
            }

            page.Append("</").Append(name).Append('>');
        }

        if (OwnLine.Contains(name))
        {
            page.Append('\n');
        }
    }

    private static string Checked(string name) =>
        IsName(name) && !RefusedTags.Contains(name) ? name : throw new ArgumentException($"A report has no element {name}.", nameof(name));

    private static bool IsName(string name) => name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static bool IsLoading(string attribute, string value) => attribute switch
    {
        "src" or "srcset" or "action" or "formaction" or "data" or "srcdoc" => true,
        "href" => !value.StartsWith('#'),
        "style" => value.Contains("url", StringComparison.OrdinalIgnoreCase) || value.Contains('@') || value.Contains('\\'),
        _ => false,
    };
}

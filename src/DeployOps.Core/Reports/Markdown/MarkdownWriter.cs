using System.Text;
using DeployOps.Reports.Html;

namespace DeployOps.Reports.Markdown;

/// <summary>
/// Writes the elements of a report as Markdown (CommonMark with GitHub's tables): headings, paragraphs, lists and tables. Pictures and the list
/// of contents are left out: tables hold the numbers, and who shows Markdown makes a list of contents.
/// </summary>
internal sealed class MarkdownWriter
{
    private readonly StringBuilder page = new();

    /// <summary>The text so far; each block ends in an empty line.</summary>
    public override string ToString() => page.ToString();

    /// <summary>Appends an element and what is in it.</summary>
    internal void Write(Tag tag)
    {
        switch (tag.Name)
        {
            case "nav" or "svg":
            case "div" when tag.Looks("chart"):
            case "p" when tag.Looks("legend"):
                break;
            case "h1":
                Block($"# {Inline(tag)}");
                break;
            case "h2":
                Block($"## {Inline(tag)}");
                break;
            case "p" or "figcaption":
                Block(MarkdownText.AtStart(Inline(tag)));
                break;
            case "summary" or "caption":
                Block($"**{Inline(tag)}**");
                break;
            case "dl":
                Block(string.Join('\n', Children(tag).Select(Fact)));
                break;
            case "table":
                Table(tag);
                break;
            case "footer":
                Block($"---\n\n{MarkdownText.AtStart(Inline(tag))}");
                break;
            default:
                foreach (var child in Children(tag))
                {
                    Write(child);
                }

                break;
        }
    }

    private void Table(Tag table)
    {
        foreach (var caption in Children(table).Where(child => child.Name == "caption"))
        {
            Write(caption);
        }

        var rows = Children(table).Where(child => child.Name is "thead" or "tbody").SelectMany(Children).Select(Row).ToList();
        var columns = Children(Children(Children(table).First(child => child.Name == "thead")).First()).Count();
        rows.Insert(1, $"|{string.Concat(Enumerable.Repeat("---|", columns))}");
        Block(string.Join('\n', rows));
    }

    private void Block(string text)
    {
        if (text.Length > 0)
        {
            page.Append(text).Append("\n\n");
        }
    }

    private static IEnumerable<Tag> Children(Tag tag) => tag.Content.OfType<Tag>();

    private static string Row(Tag row) => $"| {string.Join(" | ", Children(row).Select(cell => Inline(cell, isInTable: true)))} |";

    private static string Fact(Tag fact)
    {
        var parts = Children(fact).Select(part => Inline(part)).ToList();
        return $"- {parts[0]}: {parts[1]}";
    }

    private static string Inline(Tag tag, bool isInTable = false) => string.Concat(tag.Content.Select(node => node switch
    {
        HtmlText text => MarkdownText.Encode(text.Text, isInTable ? "<br>" : " "),
        Tag { Name: "code" } code => MarkdownText.Code(Plain(code), isInTable),
        Tag inner when inner.Name == "b" || inner.Looks("badge") => $"**{Inline(inner, isInTable)}**",
        Tag inner => Inline(inner, isInTable),
        _ => "",
    }));

    private static string Plain(Tag tag) => string.Concat(tag.Content.Select(node => node is Tag inner ? Plain(inner) : ((HtmlText)node).Text));
}

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DeployOps.Help;

/// <summary>Turns the markup of a doc comment into plain paragraphs.</summary>
internal static class DocText
{
    /// <summary>The paragraphs that an element holds: <c>para</c> and list items begin a new one, the rest flows.</summary>
    public static IReadOnlyList<string> Paragraphs(XElement element)
    {
        var paragraphs = new List<string> { string.Empty };
        Append(element, paragraphs);
        return paragraphs.Select(Flow).Where(paragraph => paragraph.Length > 0).ToList();
    }

    /// <summary>An example's code as it was typed, without the comment's own indentation.</summary>
    public static string Code(XElement code)
    {
        var text = code.Value.ReplaceLineEndings("\n");
        // Beside its tag, the first line has no indentation to judge by.
        var beginsBesideTag = !text.TrimStart(' ').StartsWith('\n');
        var lines = (beginsBesideTag ? text.TrimStart(' ') : text).TrimEnd().Split('\n').SkipWhile(string.IsNullOrWhiteSpace).ToList();
        var indent = lines.Skip(beginsBesideTag ? 1 : 0).Where(line => !string.IsNullOrWhiteSpace(line)).Select(Indent).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line[Math.Min(indent, Indent(line))..])).TrimEnd();
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    private static void Append(XElement element, List<string> paragraphs)
    {
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XText text:
                    paragraphs[^1] += text.Value;
                    break;
                case XElement { Name.LocalName: "para" or "list" } block:
                    paragraphs.Add(string.Empty);
                    Append(block, paragraphs);
                    paragraphs.Add(string.Empty);
                    break;
                case XElement { Name.LocalName: "item" } item:
                    paragraphs.Add("- ");
                    Append(item, paragraphs);
                    break;
                case XElement { Name.LocalName: "code" }:
                    break;
                case XElement inline:
                    AppendInline(inline, paragraphs);
                    break;
            }
        }
    }

    private static void AppendInline(XElement inline, List<string> paragraphs)
    {
        var target = inline.Attribute("cref")?.Value ?? inline.Attribute("name")?.Value ?? inline.Attribute("langword")?.Value ?? inline.Attribute("href")?.Value;
        if (inline.Nodes().Any() || target is null)
        {
            Append(inline, paragraphs);
        }
        else
        {
            // "T:DeployOps.Windows.DeploymentWindow" is shown as its last name.
            paragraphs[^1] += inline.Attribute("cref") is null ? target : target[(target.LastIndexOfAny(['.', ':']) + 1)..];
        }
    }

    private static string Flow(string text) => Regex.Replace(text, @"\s+", " ").Trim().TrimEnd('-').TrimEnd();
}

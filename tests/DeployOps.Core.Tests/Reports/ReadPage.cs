using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DeployOps.Core.Tests.Reports;

/// <summary>A report as a reader finds things in it. It is read as XML, which forgives nothing.</summary>
internal sealed class ReadPage
{
    private ReadPage(string text)
    {
        Text = text;
        Html = Parse(text);
    }

    internal string Text { get; }

    internal XElement Html { get; }

    internal string Verdict => Html.Descendants("p").Single(element => (string?)element.Attribute("class") == "verdict").Value.Trim();

    internal string Title => Html.Descendants("title").First().Value;

    internal IReadOnlyList<string> Sections => [.. Html.Descendants("section").Select(section => section.Attribute("aria-labelledby")!.Value)];

    internal static ReadPage Of(SampleJournal journal) => new(journal.Render());

    internal static XElement Parse(string page) =>
        XElement.Parse(Regex.Replace(page.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta|br|hr)([^>]*)>", "<$1$2/>"), LoadOptions.PreserveWhitespace);

    internal string Fact(string name) => Html.Descendants("dt").First(term => term.Value == name).Parent!.Element("dd")!.Value;

    internal string Section(string id) => Regex.Replace(Find(id).Value, "\n+", " ");

    /// <summary>The cells behind the first one of the row that it names.</summary>
    internal string[] Row(string section, string name) =>
        [.. Find(section).Descendants("tr").First(row => row.Elements().First().Name == "th" && row.Elements().First().Value == name && row.Parent!.Name == "tbody").Elements().Skip(1).Select(cell => cell.Value)];

    private XElement Find(string id) => Html.Descendants("section").Single(section => section.Attribute("aria-labelledby")!.Value == id);
}

using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>The report as one self-contained page: no script, nothing loaded, everything encoded.</summary>
internal static class HtmlPage
{
    /// <summary>What tells a report from every other file: it stands in the head of each.</summary>
    internal const string Generator = "<meta name=\"generator\" content=\"DeployOps\">";

    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    /// <summary>Writes the page. The same input gives the same page, in every culture and time zone.</summary>
    internal static string Render(ReportContent content)
    {
        var page = new StringBuilder("<!doctype html>\n");
        new Tag("html", Head(content), Body(content)).With("lang", "en").Write(page);

        return page.ToString();
    }

    private static Tag Head(ReportContent content) => new(
        "head",
        new Tag("meta").With("charset", "utf-8"),
        new Tag("meta").With("name", "generator").With("content", "DeployOps"),
        new Tag("meta").With("http-equiv", "Content-Security-Policy").With("content", Policy),
        new Tag("meta").With("name", "viewport").With("content", "width=device-width, initial-scale=1"),
        new Tag("meta").With("name", "color-scheme").With("content", "light dark"),
        new Tag("meta").With("name", "referrer").With("content", "no-referrer"),
        new Tag("title", content.Title),
        StyleSheet.Instance);

    private static Tag Body(ReportContent content) => new(
        "body",
        new Tag(
            "main",
            [
                content.Header,
                new Tag("nav", content.Sections.Select(section => new Tag("a", section.Title).With("href", $"#{section.Id}"))).With("aria-label", "Contents"),
                .. content.Sections.Select(section => section.ToTag()),
            ]),
        content.Footer);
}

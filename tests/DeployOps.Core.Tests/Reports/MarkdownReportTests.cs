using DeployOps.Reports.Html;
using DeployOps.Reports.Markdown;
using DeployOps.Secrets;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace DeployOps.Core.Tests.Reports;

public sealed class MarkdownReportTests
{
    private static readonly MarkdownPipeline GitHub = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).UseMathematics().UseAutoLinks().Build();

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<!-- --> <img src=x onerror=alert(1)>")]
    [InlineData("[here](javascript:alert(1)) ![x](https://example.test/x.png)")]
    [InlineData("a | b\n|---|---|\n| c | d |")]
    [InlineData("# heading\n\n## another\n---\n===")]
    [InlineData("- item\n1. item\n> quoted\n    code")]
    [InlineData("1. first")]
    [InlineData("- - -")]
    [InlineData("=====")]
    [InlineData("+ a")]
    [InlineData("**bold** _em_ __x__ ~~gone~~ $x^2$ `code`")]
    [InlineData("`a `` b``` | \\| c\\")]
    [InlineData("\\")]
    [InlineData("&lt;b&gt; &amp; &#x3c;")]
    [InlineData("[x]: https://example.test")]
    [InlineData("@example/everyone see https://example.test/x and WWW.example.test, ftp://example.test, a@example.test")]
    public void Markup_in_any_field_stays_text(string hostile)
    {
        var harmless = Shape(HostileReport.Of("harmless").RenderMarkdown());

        var page = HostileReport.Of(hostile).RenderMarkdown();

        Differences(Shape(page), harmless).ShouldBeEmpty();
        Flat(Text(page)).ShouldContain(Flat(hostile));
    }

    [Theory]
    [InlineData("set Password=x and more")]
    [InlineData("authorization: Basic abcdef==")]
    [InlineData("cookie: session=abcdef; Path=/")]
    [InlineData("pa*ss_w#rd|<known>")]
    public void What_a_secret_looks_like_takes_nothing_but_itself_out_of_either_page(string secret)
    {
        var redactor = new Redactor();
        redactor.Register("pa*ss_w#rd|<known>");
        var harmless = HostileReport.Of("harmless").Content();

        var content = HostileReport.Of(secret).Content().Without(redactor.Redact);

        Differences(Shape(MarkdownPage.Render(content)), Shape(MarkdownPage.Render(harmless))).ShouldBeEmpty();
        ReadPage.Parse(HtmlPage.Render(content)).Descendants().Count().ShouldBe(ReadPage.Parse(HtmlPage.Render(harmless)).Descendants().Count());
        foreach (var read in new[] { Text(MarkdownPage.Render(content)), ReadPage.Parse(HtmlPage.Render(content)).Value })
        {
            read.ShouldNotContain("abcdef");
            read.ShouldNotContain("ss_w#rd");
            read.ShouldNotContain("Password=x");
        }
    }

    [Fact]
    public void It_tells_what_the_page_for_a_browser_tells()
    {
        var journal = SampleRelease.Completed();
        var html = ReadPage.Of(journal);

        var page = Markdig.Markdown.Parse(journal.RenderMarkdown(), GitHub);

        page.OfType<HeadingBlock>().Where(heading => heading.Level == 2).Select(heading => Text(heading)).ShouldBe(html.Html.Descendants("h2").Select(heading => heading.Value));
        page.OfType<Table>().Select(table => table.Count).ShouldBe(html.Html.Descendants("table").Select(table => table.Descendants("tr").Count()));
    }

    [Fact]
    public void Rows_verdict_and_facts_are_as_a_reader_of_the_file_expects()
    {
        var page = SampleRelease.Completed().RenderMarkdown();

        page.ShouldStartWith("<!-- generator: DeployOps -->\n\n**Released**\n\n# shop 2.4.0 to production\n\n");
        page.ShouldContain("- Executor: executor\n");
        page.ShouldContain("\n| 3 Rollout | 20:00:15 | 20:00:24 | 9.3 s | **Succeeded** | 2.3.0 -&gt; 2.4.0 on 1 instances; blue-1: 0 requests in flight after 0.4 s |\n");
        page.ShouldContain("| shop: V2_4_0_1__add_orders_status.sql |");
        page.ShouldEndWith("All times are UTC.\n");
        page.ShouldNotContain("<svg");
    }

    // Of inline code the text is not compared: only there a reader sees it as it is.
    private static List<string> Shape(string page) =>
    [
        .. Markdig.Markdown.Parse(page, GitHub).Descendants()
            .Where(node => node is not LiteralInline and not HtmlEntityInline and not HtmlInline { Tag: "<br>" or "<!-- -->" } and not CodeInline)
            .Select(node => node is HtmlBlock or HtmlInline ? $"html {page.Substring(node.Span.Start, node.Span.Length)}" : node.GetType().Name),
    ];

    private static IEnumerable<string> Differences(List<string> one, List<string> other) =>
        one.Zip(other).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.First} is not {pair.Second}").Take(3).Concat(one.Count == other.Count ? [] : [$"{one.Count} elements are not {other.Count}"]);

    private static string Text(string page) => Text(Markdig.Markdown.Parse(page, GitHub));

    private static string Text(MarkdownObject root) => string.Concat(root.Descendants().Concat(root is LeafBlock { Inline: { } inline } ? inline.Descendants() : []).Select(node => node switch
    {
        LiteralInline literal => literal.Content.ToString(),
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        HtmlInline { Tag: "<br>" } => "\n",
        _ => "",
    }));

    private static string Flat(string text) => text.ReplaceLineEndings(" ").Replace(" ", "", StringComparison.Ordinal);
}

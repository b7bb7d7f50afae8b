using System.Text.RegularExpressions;

namespace DeployOps.Core.Tests.Reports;

public sealed class HostileReportTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("' onmouseover='alert(1)")]
    [InlineData("]]></style></title></textarea>-->")]
    [InlineData("&lt;b&gt; &amp; &#x3c;")]
    [InlineData("</details></table></main>")]
    public void Markup_in_any_field_stays_text(string hostile)
    {
        var harmless = Tags(HostileReport.Of("harmless").Render());

        var page = HostileReport.Of(hostile).Render();

        Tags(page).ShouldBe(harmless);
        ReadPage.Parse(page).Value.ShouldContain(hostile);
    }

    [Fact]
    public void Controls_and_turns_of_direction_are_made_visible()
    {
        var page = HostileReport.Of("a\0b\u001b[31m\u202Egpj.exe\u2066\u0085\uFEFF\uD800z").Render();

        page.ShouldContain("a\u2400b\u241B[31m[U+202E]gpj.exe[U+2066][U+0085][U+FEFF]\uFFFDz");
        page.ShouldNotContain("\u202E");
        page.ShouldAllBe(letter => letter >= ' ' || letter == '\n' || letter == '\t');
    }

    private static List<string> Tags(string page) => [.. Regex.Matches(page, "</?[a-zA-Z!][^ >]*").Select(match => match.Value)];
}

using System.Text;
using DeployOps.Reports.Html;

namespace DeployOps.Core.Tests.Reports;

public sealed class TagTests
{
    [Fact]
    public void Text_and_attributes_are_encoded()
    {
        var tag = new Tag("p", "<b> & \"it's\"").With("data-label", "\"><i>");

        Written(tag).ShouldBe("<p data-label=\"&quot;&gt;&lt;i&gt;\">&lt;b&gt; &amp; &quot;it&#39;s&quot;</p>\n");
    }

    [Fact]
    public void Other_writing_and_pictures_stay_as_they_are()
    {
        Written(new Tag("b", "Größe 東京 👩‍💻 שלום")).ShouldBe("<b>Größe 東京 👩‍💻 שלום</b>");
    }

    [Theory]
    [InlineData("script")]
    [InlineData("IFRAME")]
    [InlineData("p onclick=x")]
    [InlineData("")]
    public void An_element_that_could_run_or_load_something_is_refused(string name)
    {
        Should.Throw<ArgumentException>(() => new Tag(name));
    }

    [Theory]
    [InlineData("onclick", "x")]
    [InlineData("ONLOAD", "x")]
    [InlineData("src", "x.png")]
    [InlineData("href", "javascript:alert(1)")]
    [InlineData("style", "background:url(x)")]
    [InlineData("a b", "x")]
    public void An_attribute_that_could_run_or_load_something_is_refused(string name, string value)
    {
        Should.Throw<ArgumentException>(() => new Tag("p").With(name, value));
    }

    [Fact]
    public void An_attribute_is_given_once()
    {
        Should.Throw<ArgumentException>(() => new Tag("p").With("class", "a").With("class", "b"));
    }

    [Fact]
    public void What_is_not_there_writes_nothing()
    {
        string? missing = null;

        Written(new Tag("b", missing, "x")).ShouldBe("<b>x</b>");
    }

    private static string Written(Tag tag)
    {
        var page = new StringBuilder();
        tag.Write(page);
        return page.ToString();
    }
}

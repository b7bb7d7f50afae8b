using DeployOps.Health;
using DeployOps.Health.Metrics;

namespace DeployOps.Core.Tests.Health.Metrics;

public class SeriesSelectorTests
{
    [Theory]
    [InlineData("requests_total", "code=500", true)]
    [InlineData("other_total", "code=500", false)]
    [InlineData("requests_total{}", "code=500", true)]
    [InlineData("requests_total{code=\"500\"}", "code=500", true)]
    [InlineData("requests_total{code=\"500\"}", "code=5000", false)]
    [InlineData("requests_total{code!=\"500\"}", "code=500", false)]
    [InlineData("requests_total{code!=\"500\"}", "", true)]
    [InlineData("requests_total{code=\"\"}", "", true)]
    [InlineData("requests_total{code=~\"5..\"}", "code=503", true)]
    [InlineData("requests_total{code=~\"5..\"}", "code=1503", false)]
    [InlineData("requests_total{code=~\"5..\"}", "code=5031", false)]
    [InlineData("requests_total{code=~\"5..\"}", "", false)]
    [InlineData("requests_total{code!~\"5..\"}", "code=503", false)]
    [InlineData("requests_total{code!~\"5..\"}", "", true)]
    [InlineData("requests_total{code=~\"200|5..\"}", "code=200", true)]
    [InlineData("requests_total{code=~\"200|5..\"}", "code=2001", false)]
    [InlineData(" requests_total { code = '500' , path != `/x\\y` , } ", "code=500", true)]
    [InlineData("requests_total{path=\"a\\\"b\\\\c\"}", "path=a\"b\\c", true)]
    [InlineData("job:requests_total:rate", "", false)]
    public void It_matches_as_Prometheus_does(string selector, string label, bool expected)
    {
        var parts = label.Split('=', 2);
        var labels = label.Length == 0 ? [] : new Dictionary<string, string> { [parts[0]] = parts[1] };

        var matches = SeriesSelector.Parse(selector).Matches("requests_total", labels);

        matches.ShouldBe(expected);
    }

    [Fact]
    public void A_pattern_matches_the_whole_value_with_its_last_line_break()
    {
        var selector = SeriesSelector.Parse("x{path=~\"/a\"}");

        selector.Matches("x", new Dictionary<string, string> { ["path"] = "/a\n" }).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{code=\"5\"}", 1)]
    [InlineData("5xx", 1)]
    [InlineData("x y", 3)]
    [InlineData("x{", 3)]
    [InlineData("x{code}", 7)]
    [InlineData("x{code=5}", 8)]
    [InlineData("x{code=\"5}", 8)]
    [InlineData("x{code==\"5\"}", 8)]
    [InlineData("x{code!\"5\"}", 8)]
    [InlineData("x{co:de=\"5\"}", 5)]
    [InlineData("x{a=\"1\" b=\"2\"}", 9)]
    [InlineData("x{a=\"1\"}}", 9)]
    [InlineData("x{a=\"\\d\"}", 6)]
    [InlineData("x{a=~\"(\"}", 6)]
    [InlineData("x{a=~\"a)|(b\"}", 6)]
    [InlineData("x{a=~\"(?=a)\"}", 6)]
    [InlineData("x{a=~\"(a)\\\\1\"}", 6)]
    public void What_it_cannot_read_is_an_error_with_its_column(string selector, int column)
    {
        var error = Should.Throw<DeployOpsException>(() => SeriesSelector.Parse(selector));

        error.ErrorId.ShouldBe("MetricSelectorInvalid");
        error.Message.ShouldContain($"at column {column}:");
    }

    [Fact]
    public void A_pattern_that_explodes_elsewhere_takes_no_time_here()
    {
        var selector = SeriesSelector.Parse("x{path=~\"(a+)+b\"}");
        var watch = System.Diagnostics.Stopwatch.StartNew();

        selector.Matches("x", new Dictionary<string, string> { ["path"] = new string('a', 5000) }).ShouldBeFalse();

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }
}

using System.Text;
using CsCheck;
using DeployOps.Adapters.Scrape;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.Scrape;

public class MetricsPageTests
{
    private const string Page = """
        # HELP http_requests_total Requests, with "quotes" and a \\ backslash.
        # TYPE http_requests_total counter
        http_requests_total{method="get",code="200"} 1027 1395066363000
        http_requests_total{method="get",code="500",} 3

        # A comment that says nothing.
        #TYPEs are words too
        msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
        metric_without_timestamp_and_labels 12.47
        something_weird{problem="division by zero"} +Inf -3982045
        no_number NaN
        # TYPE http_request_duration_seconds histogram
        http_request_duration_seconds_bucket{le="0.05"} 24054 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
        http_request_duration_seconds_bucket{le="+Inf"} 144320
         job:spaced  { a = "1" , b = "2" }   7
        # EOF
        """;

    [Fact]
    public void It_reads_what_the_format_allows()
    {
        var page = MetricsPage.Parse(Page.ReplaceLineEndings("\n"));

        page.Series.Select(series => (series.Key, series.Value)).ShouldBe([
            ("""http_requests_total{code="200",method="get"}""", 1027),
            ("""http_requests_total{code="500",method="get"}""", 3),
            ("""msdos_file_access_time_seconds{error="Cannot find file:\n\"FILE.TXT\"",path="C:\\DIR\\FILE.TXT"}""", 1458255915),
            ("metric_without_timestamp_and_labels", 12.47),
            ("""something_weird{problem="division by zero"}""", double.PositiveInfinity),
            ("no_number", double.NaN),
            ("""http_request_duration_seconds_bucket{le="0.05"}""", 24054),
            ("""http_request_duration_seconds_bucket{le="+Inf"}""", 144320),
            ("""job:spaced{a="1",b="2"}""", 7),
        ]);
        page.Series[2].Labels["path"].ShouldBe(@"C:\DIR\FILE.TXT");
        page.TypeOf("http_requests_total").ShouldBe("counter");
        page.TypeOf("no_number").ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n  \n")]
    [InlineData("# nothing")]
    public void A_page_may_be_empty(string page)
    {
        MetricsPage.Parse(page).Series.ShouldBeEmpty();
    }

    [Fact]
    public void Windows_line_endings_are_line_endings()
    {
        MetricsPage.Parse("a 1\r\nb 2\r\n").Series.Select(series => series.Value).ShouldBe([1, 2]);
    }

    [Theory]
    [InlineData("a", "expected a value")]
    [InlineData("a b", "'b' is not a value")]
    [InlineData("a 1,5", "'1,5' is not a value")]
    [InlineData("a 1e999", "'1e999' is not a value")]
    [InlineData("a Infinity", "'Infinity' is not a value")]
    [InlineData("a 1 soon", "'soon' is not a timestamp")]
    [InlineData("a 1 2 3", "'3' does not belong there")]
    [InlineData("1a 1", "expected the name of a series")]
    [InlineData("a{b} 1", "expected '='")]
    [InlineData("a{b=c} 1", "expected '\"'")]
    [InlineData("a{b=\"c} 1", "expected '\"'")]
    [InlineData("a{b=\"c\"", "expected ',' or '}'")]
    [InlineData("a{b=\"c\" d=\"e\"} 1", "expected ',' or '}'")]
    [InlineData("a{b=\"\\t\"} 1", "after the backslash")]
    [InlineData("a{b=\"\\", "after the backslash")]
    [InlineData("a{b=\"1\",b=\"2\"} 1", "the label b is there twice")]
    [InlineData("a{b=\"1\"} 1\na{b=\"1\"} 2", "is there twice")]
    [InlineData("# TYPE a", "expected # TYPE name type")]
    [InlineData("# TYPE a counters", "expected # TYPE name type")]
    [InlineData("# TYPE a counter\n# TYPE a gauge", "the type of a is there twice")]
    [InlineData("<html><body>Not found</body></html>", "expected the name of a series")]
    [InlineData("{\"error\":\"x\"}", "expected the name of a series")]
    public void A_wrong_line_is_an_error_that_names_it(string wrong, string reason)
    {
        var error = Should.Throw<DeployOpsException>(() => MetricsPage.Parse("# first\n\n" + wrong));

        error.ErrorId.ShouldBe("MetricsPageInvalid");
        error.Message.ShouldContain($"at line {3 + wrong.Count(c => c == '\n')}:");
        error.Message.ShouldContain(reason);
    }

    [Fact]
    public void What_is_shown_of_a_wrong_line_is_short_and_prints()
    {
        var error = Should.Throw<DeployOpsException>(() => MetricsPage.Parse("a \u001b[31m" + new string('x', 100_000)));

        error.Message.Length.ShouldBeLessThan(300);
        error.Message.ShouldNotContain("\u001b");
    }

    [Fact]
    public void A_page_is_bounded()
    {
        Should.Throw<DeployOpsException>(() => MetricsPage.Parse(new byte[MetricsPage.Limit + 1])).Message.ShouldContain("longer than 16 MiB");
    }

    [Fact]
    public void A_page_is_UTF_8()
    {
        MetricsPage.Parse("a{b=\"ü\"} 1"u8).Series[0].Labels["b"].ShouldBe("ü");
        Should.Throw<DeployOpsException>(() => MetricsPage.Parse([(byte)'a', 0xff])).Message.ShouldContain("not UTF-8");
    }

    [Fact]
    public void Any_page_is_read_or_refused_with_a_typed_error()
    {
        var original = Encoding.UTF8.GetBytes(Page.ReplaceLineEndings("\n"));
        var mutation = Gen.Select(Gen.Int[0, 3], Gen.Int[0, original.Length - 1], Gen.Byte, Gen.Int[1, 40]);
        var (read, refused) = (0, 0);

        Property.Holds(mutation.Array[1, 6], mutations =>
        {
            var page = mutations.Aggregate(original.ToList(), Mutate);
            try
            {
                MetricsPage.Parse(page.ToArray());
                read++;
            }
            catch (DeployOpsException e) when (e.ErrorId == "MetricsPageInvalid")
            {
                refused++;
            }

            return true;
        });

        read.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Whatever_pieces_a_page_is_put_together_from_it_is_read_or_refused_at_a_line_of_it()
    {
        string[] pieces =
        [
            "a", "http_requests_total", "job:x", "{", "}", "b=\"c\"", "b=\"c\",", "le=\"+Inf\"", "b=\"\\n\\\\\\\"\"", "=", "\"", "\\", ",", " ", "\t", "1", "-0.5e-3", "1e999", "NaN", "+Inf", "-Inf", "0x1", "1_000", "1395066363000",
            "# TYPE a counter", "# TYPE http_requests_total histogram", "# HELP a é", "# EOF", "# {trace_id=\"x\"} 0.67", "\n", "\n", "\n", "\r\n", "é", "\0", "\u2028", "a 1\n", "a{b=\"c\"} 1\n",
        ];
        var text = Gen.Int[0, pieces.Length - 1].Array[0, 25].Select(chosen => string.Concat(chosen.Select(piece => pieces[piece])));
        var read = 0;

        Property.Holds(text, page =>
        {
            try
            {
                read += MetricsPage.Parse(page).Series.Count > 0 ? 1 : 0;
                return true;
            }
            catch (DeployOpsException e) when (e.ErrorId == "MetricsPageInvalid")
            {
                var line = e.Message.Split("at line ")[1].Split(':')[0];
                return int.TryParse(line, out var number) && number >= 1 && number <= 1 + page.Count(letter => letter == '\n');
            }
        });

        read.ShouldBeGreaterThan(10);
    }

    private static List<byte> Mutate(List<byte> page, (int Kind, int At, byte Byte, int Length) mutation)
    {
        if (page.Count == 0)
        {
            return page;
        }

        var at = mutation.At % page.Count;
        var length = Math.Min(mutation.Length, page.Count - at);
        switch (mutation.Kind)
        {
            case 0:
                page[at] = mutation.Byte;
                break;
            case 1:
                page.Insert(at, mutation.Byte);
                break;
            case 2:
                page.RemoveRange(at, length);
                break;
            default:
                page.InsertRange(at, page.GetRange(at, length));
                break;
        }

        return page;
    }
}

using CsCheck;
using DeployOps.Health.Metrics;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Health.Metrics;

public sealed class SeriesSelectorPropertyTests
{
    private static readonly string[] Pieces =
    [
        "a", "http_requests_total", "{", "}", "code", "=", "!=", "=~", "!~", "\"", "'", "`", "\\", "\"5..\"", "\"(a*)*b\"", "\"(\"", "\"[a-\"", "\"(?=a)\"", "\"(a)\\\\1\"", "\"((a{0,99}){0,99}){0,99}\"",
        ",", " ", "\n", "1", ":", "é", "\0", "\ud83d", "a{code=\"200\"}", "{code=~\".*\",", "x=\"y\"",
    ];

    [Fact]
    public void Whatever_pieces_a_selector_is_put_together_from_it_is_read_or_refused_with_a_typed_error()
    {
        var labels = new Dictionary<string, string> { ["code"] = new string('a', 50), ["x"] = "y" };
        var read = 0;

        Property.Holds(Gen.Int[0, Pieces.Length - 1].Array[0, 9].Select(pieces => string.Concat(pieces.Select(piece => Pieces[piece]))), text =>
        {
            try
            {
                var selector = SeriesSelector.Parse(text);
                selector.Matches(selector.Name, labels);
                read++;
            }
            catch (DeployOpsException e) when (e.ErrorId == "MetricSelectorInvalid")
            {
                return e.Message.Length < 1000;
            }

            return true;
        });

        read.ShouldBeGreaterThan(100);
    }
}

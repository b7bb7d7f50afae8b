using System.Text.Json;
using CsCheck;
using DeployOps.Tests.Shared;

namespace DeployOps.Smoke.JsonPaths;

public sealed class JsonPathPropertyTests
{
    private static readonly string[] Pieces =
    [
        "$", "@", ".", "..", "a", "b", "*", "[", "]", "'a'", "\"b\"", "'\\u0061'", "'\\ud83d'", "0", "-1", "-0", "1e400", "9007199254740993", ":", ",", "?", "(", ")", "==", "!=", "<", ">=", "&&", "||", "!",
        "length(", "count(", "match(", "search(", "value(", "nobody(", "'(a*)*$'", "true", "null", " ", "\n", "\ud83d", "é", ".a", "[0]", "[?@.a]", "[?(@.b==1)]", "..*", "[::2]",
    ];

    private static readonly JsonDocument Document = JsonDocument.Parse("""{"a":[{"a":1,"b":"aaaaaaaaaaaaaaaaaaaaaaaa!"},{"b":[1,2,[3,{"a":null}]]}],"b":{"a":{"a":{"a":{}}}},"é":-0.0}""");

    [Fact]
    public void Whatever_pieces_a_path_is_put_together_from_it_is_read_or_refused_inside_it()
    {
        var path = Gen.Int[0, Pieces.Length - 1].Array[0, 10].Select(pieces => "$" + string.Concat(pieces.Select(piece => Pieces[piece])));
        var picked = 0;

        Property.Holds(path, text =>
        {
            try
            {
                picked += JsonPath.Parse(text).Select(Document.RootElement).Count > 0 ? 1 : 0;
                return true;
            }
            catch (JsonPathException e)
            {
                return e.Offset >= 0 && e.Offset <= text.Length;
            }
        });

        picked.ShouldBeGreaterThan(100);
    }
}

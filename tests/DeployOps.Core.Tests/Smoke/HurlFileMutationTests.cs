using CsCheck;
using DeployOps.Tests.Shared;

namespace DeployOps.Smoke;

public sealed class HurlFileMutationTests
{
    private const string Valid = """
        # the shop's way
        GET {{host}}/
        Accept: text/html
        HTTP 200
        [Captures]
        csrf: regex /value="([^"]+)"/ redact
        [Asserts]
        body contains "Search"
        duration < 2000

        POST {{host}}/checkout
        [Options]
        retry: 3
        retry-interval: 500ms
        variable: quantity=2
        [Query]
        a: b\#c
        {
          "items": [{"id": 7, "note": "x {{csrf}} \u00e9"}, {{quantity}}]
        }
        HTTP 201
        Content-Type: application/json
        [Asserts]
        jsonpath "$.items[?@.id == 7 && match(@.note, 'x.*')].id" count == 1
        jsonpath "$..price[0:2,-1]" not isEmpty
        header "Location" matches "^/orders/\\d+$"

        PUT {{host}}/text
        ```
        free {{text}}
        ```
        HTTP *
        """;

    private static readonly string[] Tokens =
    [
        "{{", "}}", "\"", "`", "```", "[", "]", "{", "}", "\n", "#", "\\", "\\u{", "(", "?", "$", "@", "/", ":", "-1", "[Asserts]\n", "HTTP 200\n", "GET x\n", "not ", "\0", "\ud800", "999999999999",
    ];

    private static readonly Gen<Func<string, string>> Mutation = Gen.OneOf(
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, Tokens.Length - 1], (at, token) => new Func<string, string>(text => text.Insert((int)(at * text.Length), Tokens[token]))),
        Gen.Select(Gen.Double[0, 1], Gen.Int[1, 40], (at, count) => new Func<string, string>(text => Remove(text, (int)(at * text.Length), count))),
        Gen.Select(Gen.Double[0, 1], Gen.Char, (at, c) => new Func<string, string>(text => text.Insert((int)(at * text.Length), c.ToString()))),
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[1, 200], (from, to, count) => new Func<string, string>(text => Copy(text, (int)(from * text.Length), (int)(to * text.Length), count))));

    [Fact]
    public void The_unchanged_file_is_valid() =>
        HurlFile.Parse(Valid, "a.hurl").Requests.ShouldBe(3);

    [Fact]
    public void However_a_file_is_changed_it_is_read_or_refused_with_a_place_inside_it() =>
        Property.Holds(
            Mutation.Array[1, 6],
            mutations =>
            {
                var text = mutations.Aggregate(Valid, (current, mutate) => mutate(current));
                var lines = text.Split('\n');
                try
                {
                    return HurlFile.Parse(text, "a.hurl").Requests > 0;
                }
                catch (HurlSyntaxException fault)
                {
                    return fault.Errors.All(error => error.Line >= 1 && error.Line <= lines.Length && error.Column >= 1 && error.Column <= lines[error.Line - 1].Length + 1);
                }
            });

    private static string Remove(string text, int at, int count) => at >= text.Length ? text : text.Remove(at, Math.Min(count, text.Length - at));

    private static string Copy(string text, int from, int to, int count) =>
        from >= text.Length ? text : text.Insert(to, text.Substring(from, Math.Min(count, text.Length - from)));
}

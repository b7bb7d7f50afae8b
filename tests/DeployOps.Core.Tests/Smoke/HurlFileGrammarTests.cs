using CsCheck;
using DeployOps.Tests.Shared;

namespace DeployOps.Smoke;

/// <summary>Files put together from the pieces of the format, so that requests, sections, queries, filters and predicates meet in every order.</summary>
public sealed class HurlFileGrammarTests
{
    private static readonly string[] Begins = ["GET {{host}}/", "POST {{host}}/orders?id={{id}}", "PUT http://127.0.0.1/\\u{e9}", "DELETE {{host}}/a\\ b # gone", "get {{host}}", "GET", "HTTP", "PATCH {{host"];

    private static readonly string[] Responses = ["HTTP 200", "HTTP *", "HTTP/1.1 404", "HTTP 2000", "HTTP", ""];

    private static readonly string[] Sections = ["[Asserts]", "[Captures]", "[Query]", "[Form]", "[Cookies]", "[Options]", "[BasicAuth]", "[Multipart]", "[Nothing]", "[asserts]", "[Asserts"];

    private static readonly string[] Queries = ["status", "body", "header \"Location\"", "cookie \"a\"", "jsonpath \"$.a[?@.b]\"", "jsonpath \"$[\"", "xpath \"//a\"", "regex /a(b)/", "regex \"(\"", "duration", "bytes", "sha256", "variable \"id\"", "url", "certificate \"x\""];

    private static readonly string[] Filters = ["", " count", " nth 0", " toInt", " regex \"a(.)\"", " split \",\"", " urlDecode", " nothing", " replace \"a\" \"b\"", " jsonpath \"$.a\"", " format"];

    private static readonly string[] Predicates = [" == 1", " not == \"x\"", " exists", " not exists", " contains \"{{id}}\"", " matches /^a/", " matches \"(\"", " startsWith `x", " >= 1e999", " isInteger", " includes null", " isEmpty", " == {{id}}", " ==", ""];

    private static readonly string[] Lines =
    [
        "Accept: text/html", "X: {{id}}{{", "id: 7", "csrf: regex /a(b)/ redact", "retry: 3", "retry-interval: 500ms", "variable: id=7", "location: true", "insecure: true", "# a remark", "{ \"a\": [1, {{id}}, \"\\ud83d\"] }", "```", "```json",
        "{\"a\": 1}", "base64,aGk=;", "hex,00;", "file,/etc/passwd;", "`one line`", "é\u2028\ud83d", "\0", "",
    ];

    private static readonly Gen<string> Line = Gen.OneOf(
        Of(Begins),
        Of(Responses),
        Of(Sections),
        Of(Lines),
        Gen.Select(Of(Queries), Of(Filters), Of(Predicates), (query, filter, predicate) => query + filter + predicate),
        Gen.Select(Of(Queries), Of(Filters), (query, filter) => $"name: {query}{filter}"));

    private static readonly Gen<string> Entry = Gen.Select(
        Of(Begins), Line.Array[0, 3], Of(Responses), Gen.Select(Of(Queries), Of(Filters), Of(Predicates), (query, filter, predicate) => query + filter + predicate).Array[0, 3],
        (begin, lines, response, asserts) => string.Join('\n', [begin, .. lines, response, "[Asserts]", .. asserts]));

    // What can run, but for one line in some: where almost all is refused, nothing is seen of what is planned.
    private static readonly Gen<string> Sound = Gen.Select(
        Of(["GET {{host}}/", "POST {{host}}/orders?id={{id}}", "DELETE {{host}}/a # gone"]),
        Of(["HTTP 200", "HTTP *", "HTTP/1.1 404"]),
        Gen.Select(
            Of(["status", "body", "header \"Location\"", "cookie \"a\"", "jsonpath \"$.a\"", "regex /a(b)/", "duration", "bytes", "variable \"id\"", "url"]),
            Of(["", "", " count"]),
            Of([" == 1", " not == \"x\"", " exists", " not exists", " contains \"{{id}}\"", " isInteger", " == {{id}}"]),
            (query, filter, predicate) => query + filter + predicate).Array[0, 3],
        Line.Array[0, 1],
        Gen.Int[0, 3],
        (begin, response, asserts, line, odd) => string.Join('\n', [begin, response, "[Asserts]", .. asserts, .. odd == 0 ? line : []]));

    [Fact]
    public void Whatever_pieces_a_file_is_put_together_from_it_is_planned_or_refused_with_a_place_inside_it()
    {
        var planned = 0;
        var variables = new Dictionary<string, object?> { ["host"] = "http://127.0.0.1", ["id"] = 7 };

        Property.Holds(Gen.OneOf(Line.Array[1, 15].Select(lines => string.Join('\n', lines)), Entry.Array[1, 3].Select(entries => string.Join("\n\n", entries)), Sound.Array[1, 3].Select(entries => string.Join("\n\n", entries))), text =>
        {
            var lines = text.Split('\n');
            try
            {
                planned += SmokePlanner.Plan([HurlFile.Parse(text, "a.hurl")], variables).Count;
                return true;
            }
            catch (HurlSyntaxException fault)
            {
                return fault.Errors.Count > 0 && fault.Errors.All(error => error.Line >= 1 && error.Line <= lines.Length && error.Column >= 1 && error.Column <= lines[error.Line - 1].Length + 1);
            }
            catch (DeployOpsException e) when (e.ErrorId == "SmokeVariableUndefined")
            {
                return true;
            }
        });

        planned.ShouldBeGreaterThan(300, "the pieces make files that can run, too");
    }

    private static Gen<string> Of(string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(piece => pieces[piece]);
}

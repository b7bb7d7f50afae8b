namespace DeployOps.Smoke;

public sealed class HurlFileErrorTests
{
    private const string Asserts = "GET http://x/\nHTTP 200\n[Asserts]\n";

    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "1:1 the file has no request" },
        { "# nothing\n", "1:1 the file has no request" },
        { "hello", "1:1 expected a request" },
        { "get http://x/", "1:1 expected a request" },
        { "BREW http://x/", "1:1 not supported by DeployOps: method BREW" },
        { "GET", "1:4 expected a space after 'GET'" },
        { "GET  # no address", "1:6 expected an address after 'GET'" },
        { "GET http://x/ y", "1:15 expected the end of the line, found 'y'" },
        { "GET {{host}/", "1:11 not supported by DeployOps: '}/' in a template" },
        { "GET {{host", "1:5 '{{host' lacks its closing '}}'" },
        { "GET {{host toInt}}/", "1:12 not supported by DeployOps: 'toInt}}/' in a template" },
        { "GET {{1}}/", "1:5 expected the name of a variable" },
        { "GET http://x/{{newUuid}}", "1:14 not supported by DeployOps: function newUuid" },
        { "HTTP 200", "1:1 this answer has no request" },
        { "GET http://x/\nno colon", "2:4 expected ':' after 'no'" },
        { "GET http://x/\nA: b\\qc", "2:5 expected an escape" },
        { "GET http://x/\nA: \\u{d800}", "2:4 expected a character's code" },
        { "GET http://x/\n[Multipart]\na: b", "2:1 not supported by DeployOps: section [Multipart]" },
        { "GET http://x/\n[Asserts]\nstatus == 200", "2:1 [Asserts] belongs below the line 'HTTP ...'" },
        { "GET http://x/\nHTTP 200\n[Form]\na: b", "3:1 [Form] belongs to a request" },
        { "GET http://x/\n[Query]\na: 1\n[QueryStringParams]\nb: 2", "4:1 [QueryStringParams] stands twice" },
        { "GET http://x/\n[BasicAuth]\na: 1\nb: 2", "4:1 [BasicAuth] has one line" },
        { "GET http://x/\n[Options]\naws-sigv4: x", "3:1 not supported by DeployOps: [Options] aws-sigv4" },
        { "GET http://x/\n[Options]\ninsecure: true", "3:1 not supported by DeployOps: [Options] insecure" },
        { "GET http://x/\n[Options]\nretry: -1", "3:8 retry '-1': expected a whole number from 0 to 10000" },
        { "GET http://x/\n[Options]\nretry: {{n}}", "3:8 not supported by DeployOps: a variable in [Options] retry" },
        { "GET http://x/\n[Options]\nmax-time: 0s", "3:11 max-time '0s': expected a time" },
        { "GET http://x/\n[Options]\nmax-time: 99999999m", "3:11 max-time '99999999m': expected a time" },
        { "GET http://x/\n[Options]\nmax-time: 5 parsecs", "3:11 max-time '5 parsecs': expected a time" },
        { "GET http://x/\n[Options]\nlocation: yes", "3:11 location 'yes': expected true or false" },
        { "GET http://x/\n[Options]\nvariable: a", "3:12 expected '=' after 'a'" },
        { "POST http://x/\n{\"a\": }", "2:7 expected a JSON value, found '}'" },
        { "POST http://x/\n{\"a\" 1}", "2:6 expected ':', found '1}'" },
        { "POST http://x/\n{\"a\": 01}", "2:7 expected a JSON value, found '01'" },
        { "POST http://x/\n{\n  \"a\": 1,\n}", "4:1 expected a text in double quotes, found '}'" },
        { "POST http://x/\n[1, 2", "2:6 expected ',' or ']', found the end of the file" },
        { "POST http://x/\n{\"a\": \"b\\x\"}", "2:9 this escape is not one of JSON's" },
        { "POST http://x/\n{} {}", "2:4 expected the end of the line" },
        { "POST http://x/\n{}\nA: b", "3:1 expected 'HTTP ...' or the next request after a body" },
        { "POST http://x/\n{}\n[Form]\na: b", "3:1 [Form] belongs to a request, before its body" },
        { "POST http://x/\n[Form]\na: b\n{}", "4:1 a request has a form or a body, not both" },
        { "POST http://x/\n<a/>", "2:1 not supported by DeployOps: an XML body" },
        { "POST http://x/\nfile,a.txt;", "2:1 not supported by DeployOps: a body written as base64, hex, or file," },
        { "POST http://x/\n```json\n{}\n```", "2:4 not supported by DeployOps: 'json' after ```" },
        { "POST http://x/\n```\nabc", "2:1 this text lacks its closing '```'" },
        { "POST http://x/\n`abc", "2:1 this text lacks its closing '`'" },
        { "GET http://x/\nHTTP/1.1 200", "2:1 not supported by DeployOps: HTTP/1.1" },
        { "GET http://x/\nHTTP 2000", "2:6 expected a status from 100 to 599 or '*', found '2000'" },
        { "GET http://x/\nHTTP ok", "2:6 expected a status" },
        { "GET http://x/\nHTTP 200\nHTTP 200", "3:1 this request has two answers" },
        { "GET http://x/\nHTTP 200\n{\"a\": 1}", "3:1 not supported by DeployOps: the body of an answer" },
        { "GET http://x/\nHTTP 200\n[Captures]\nid jsonpath \"$.id\"", "4:4 expected ':' after 'id'" },
        { "GET http://x/\nHTTP 200\n[Captures]\nid: jsonpath \"$.id\" now", "4:21 expected the end of the line, found 'now'" },
        { Asserts + "jsonpath \"$.a[\n\" exists", "4:15 jsonpath: " },
        { Asserts + "status", "4:7 expected a predicate" },
        { Asserts + "status==200", "4:7 expected a space" },
        { Asserts + "status ==200", "4:10 expected a space after '=='" },
        { Asserts + "status equals 200", "4:8 not supported by DeployOps: 'equals'" },
        { Asserts + "status == ok", "4:11 expected a text in double quotes, a number" },
        { Asserts + "status == 200 201", "4:15 expected the end of the line" },
        { Asserts + "status == 1e5", "4:11 expected a text in double quotes, a number" },
        { Asserts + "xpath \"//a\" exists", "4:1 not supported by DeployOps: query xpath" },
        { Asserts + "bytes count == 1", "4:1 not supported by DeployOps: query bytes" },
        { Asserts + "statsu == 200", "4:1 expected status, header, body" },
        { Asserts + "header Location exists", "4:8 expected a text in double quotes after 'header'" },
        { Asserts + "header \"Location exists", "4:8 this text lacks its closing '\"'" },
        { Asserts + "cookie \"a[Path]\" exists", "4:8 not supported by DeployOps: a cookie's attribute" },
        { Asserts + "body split \",\" count == 1", "4:6 not supported by DeployOps: 'split'" },
        { Asserts + "body nth x == 1", "4:10 nth: expected a whole number" },
        { Asserts + "body == hex,00;", "4:9 not supported by DeployOps: a value written as hex," },
        { Asserts + "body matches \"a(b\"", "4:18 pattern:" },
        { Asserts + "body matches /a(?=b)/", "4:15 not supported by DeployOps: a pattern that needs backtracking" },
        { Asserts + "body matches /ab", "4:14 this pattern lacks its closing '/'" },
        { Asserts + "jsonpath \"id\" exists", "4:11 jsonpath: a path starts with '$'" },
        { Asserts + "jsonpath \"$.a.\" exists", "4:15 jsonpath: expected a name" },
        { Asserts + "jsonpath \"$[?@.a == \\\"b]\" exists", "4:21 jsonpath: this text lacks its closing" },
        { Asserts + "jsonpath \"$[?keys(@)]\" exists", "4:14 jsonpath: not supported by DeployOps: function keys()" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_told_with_its_place(string text, string expected)
    {
        var fault = Should.Throw<HurlSyntaxException>(() => HurlFile.Parse(text, "smoke/a.hurl"));

        fault.Message.ShouldStartWith($"smoke/a.hurl:{expected}");
        fault.Errors.Count.ShouldBe(1);
        fault.ErrorId.ShouldBe("SmokeFileInvalid");
        fault.Kind.ShouldBe(FaultKind.InvalidData);
        fault.Message.ShouldStartWith($"smoke/a.hurl:{fault.Line}:{fault.Column} ");
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once()
    {
        const string text = """
            GET {{host}}/
            [Options]
            delay: 1s
            retry: x
            [Multipart]
            a: b
            HTTP 200
            [Asserts]
            status is 200
            status == 200
            sha256 == hex,00;

            BREW {{host}}/
            HTTP 200
            [Asserts]
            jsonpath "$[" exists
            """;

        var fault = Should.Throw<HurlSyntaxException>(() => HurlFile.Parse(text, "a.hurl"));

        fault.Errors.Select(error => (error.Line, error.Column)).ShouldBe([(3, 1), (4, 8), (5, 1), (9, 8), (11, 1), (13, 1), (16, 13)]);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused() =>
        Should.Throw<HurlSyntaxException>(() => HurlFile.Parse(new string('#', HurlFile.LongestText + 1), "a.hurl")).Message.ShouldContain("at most");

    [Theory]
    [InlineData("[", 100_000, "nested deeper than 64")]
    [InlineData("{\"a\":", 100_000, "nested deeper than 64")]
    public void A_body_nested_too_deep_is_refused(string open, int times, string expected) =>
        Should.Throw<HurlSyntaxException>(() => HurlFile.Parse("POST http://x/\n" + string.Concat(Enumerable.Repeat(open, times)), "a.hurl")).Message.ShouldContain(expected);

    [Theory]
    [InlineData("GET http://x/\n", "a: b\n", 200_000)]
    [InlineData("", "x\n", 400_000)]
    [InlineData("GET http://x/\nHTTP 200\n[Asserts]\n", "jsonpath \"$[\n", 60_000)]
    [InlineData("GET http://x/\nHTTP 200\n[Asserts]\nbody", " count", 150_000)]
    [InlineData("GET http://x/\nHTTP 200\n[Asserts]\njsonpath \"$[?", "!(", 400_000)]
    [InlineData("POST http://x/\n```\n", "{{a}}`", 150_000)]
    public async Task A_large_hostile_file_is_refused_soon(string start, string repeated, int times)
    {
        var text = start + string.Concat(Enumerable.Repeat(repeated, times));

        var reading = Task.Run(() => Should.Throw<HurlSyntaxException>(() => HurlFile.Parse(text, "a.hurl")));

        (await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(20)))).ShouldBe(reading);
        (await reading).Errors.Count.ShouldBeLessThanOrEqualTo(50);
    }
}

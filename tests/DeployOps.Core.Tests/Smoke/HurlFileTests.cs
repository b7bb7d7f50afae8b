using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke;

public sealed class HurlFileTests
{
    [Fact]
    public void A_whole_file_is_read()
    {
        const string text = """
            # buys a thing
            POST {{host}}/login # sign in
            Accept: text/html
            [Options]
            retry: 3
            retry-interval: 250ms
            max-time: 5s
            location: true
            max-redirs: 2
            variable: quantity=2
            variable: label="two words"
            [Query]
            from: smoke
            [Form]
            user: {{user}}
            password: a\#b
            [Cookies]
            theme: dark
            [BasicAuth]
            admin: {{password}}

            HTTP 200
            Content-Type: text/html
            [Captures]
            token: regex /name="t" value="([a-z]+)"/ redact
            [Asserts]
            status < 300
            header "Cache-Control" not contains "public"

            GET {{host}}/cart
            """;

        var file = HurlFile.Parse(text, "smoke/buy.hurl");

        file.Name.ShouldBe("buy");
        file.Requests.ShouldBe(2);
        var (request, response) = file.Entries[0];
        request.Method.ShouldBe("POST");
        request.Url.ToString().ShouldBe("{{host}}/login");
        request.Position.ShouldBe(new SourcePosition(2, 1));
        request.Headers.Single().Value.ToString().ShouldBe("text/html");
        request.Options.ShouldSatisfyAllConditions(
            options => options.Retry.ShouldBe(3),
            options => options.RetryInterval.ShouldBe(TimeSpan.FromMilliseconds(250)),
            options => options.MaxTime.ShouldBe(TimeSpan.FromSeconds(5)),
            options => options.Location.ShouldBeTrue(),
            options => options.MaxRedirects.ShouldBe(2),
            options => options.Variables.Select(variable => variable.Name).ShouldBe(["quantity", "label"]));
        request.Form.Select(field => $"{field.Name}={field.Value}").ShouldBe(["user={{user}}", "password=a#b"]);
        request.BasicAuth!.Name.ToString().ShouldBe("admin");
        response!.Status.ShouldBe(200);
        response.Captures.Single().ShouldSatisfyAllConditions(
            capture => capture.Name.ShouldBe("token"),
            capture => capture.Redact.ShouldBeTrue());
        response.Asserts[1].Query.Source.ShouldBe("header \"Cache-Control\"");
        response.Asserts[1].Predicate.Not.ShouldBeTrue();
        file.Entries[1].Response.ShouldBeNull();
    }

    [Theory]
    [InlineData("{\n  \"id\": {{id}},\n  \"name\": \"a {{name}} \\u00e9\"\n}")]
    [InlineData("[true, null, -1.5e3, {}, []]")]
    [InlineData("\"text\"")]
    public void A_json_body_is_kept_as_it_was_written(string body)
    {
        var file = HurlFile.Parse($"POST http://x/\n{body}\nHTTP *", "a.hurl");

        file.Entries[0].Request.Body!.Kind.ShouldBe(HurlBodyKind.Json);
        file.Entries[0].Request.Body!.Content.ToString().ShouldBe(body);
        file.Entries[0].Response!.Status.ShouldBeNull();
    }

    [Theory]
    [InlineData("`a {{b}} \\` # c`", "a {{b}} ` # c")]
    [InlineData("```\nline 1\n# line 2\n```", "line 1\n# line 2\n")]
    [InlineData("```raw\nGET x\n\\n\n```", "GET x\n\\n\n")]
    [InlineData("```inline```", "inline")]
    public void A_text_body_is_read(string body, string expected)
    {
        var file = HurlFile.Parse($"POST http://x/\n{body}\nHTTP 200", "a.hurl");

        file.Entries[0].Request.Body!.Kind.ShouldBe(HurlBodyKind.Text);
        file.Entries[0].Request.Body!.Content.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_change_nothing()
    {
        var file = HurlFile.Parse("\uFEFFGET http://x/\r\nA: b\r\n\r\nHTTP 200\r\n[Asserts]\r\nstatus == 200\r\n", "a.hurl");

        file.Entries[0].Request.Headers.Single().Value.ToString().ShouldBe("b");
        file.Entries[0].Response!.Asserts.Length.ShouldBe(1);
    }

    [Fact]
    public void The_old_names_of_sections_mean_the_same()
    {
        var file = HurlFile.Parse("GET http://x/\n[QueryStringParams]\na: 1\n[FormParams]\nb: 2", "a.hurl");

        file.Entries[0].Request.Query.Length.ShouldBe(1);
        file.Entries[0].Request.Form.Length.ShouldBe(1);
    }
}

using System.Text;
using static DeployOps.Smoke.SmokeRuns;

namespace DeployOps.Smoke;

public sealed class SmokeRunnerPrivacyTests
{
    [Fact]
    public async Task Credentials_do_not_follow_a_redirect_to_another_origin()
    {
        using var other = LoopbackServer.Start(_ => new(200));
        using var server = LoopbackServer.Start(_ => new(302, "", ("Location", $"{other.Url}/")));

        await RunAsync(server, "GET {{host}}/\n[Options]\nlocation: true\n[BasicAuth]\nanna: pass word\nHTTP 200");

        server.Seen.Single().Header("Authorization").ShouldBe($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("anna:pass word"))}");
        other.Seen.Single().Header("Authorization").ShouldBe("");
    }

    [Fact]
    public async Task A_secret_is_told_once_and_shown_nowhere()
    {
        const string secret = "tok-5f2a9c";
        var told = new List<string>();
        using var server = LoopbackServer.Start(request => request.Target == "/login"
            ? Reply.Json($$"""{"token":"{{secret}}"}""")
            : new(403, $"no access for {secret} or {request.Header("Authorization")}", ("Set-Cookie", "session=hidden-1"), ("X-Auth-Token", "hidden-2"), ("X-Trace", "shown")));
        var options = Options with { OnSecret = told.Add };

        var suite = await RunAsync(server.Url, [Parse("""
            GET {{host}}/login
            [BasicAuth]
            anna: hidden-3
            HTTP 200
            [Captures]
            token: jsonpath "$.token" redact
            GET {{host}}/orders?key={{token}}
            Authorization: Bearer {{token}}
            HTTP 403
            [Asserts]
            body == "{{token}}"
            """, "a.hurl")], options);

        var check = suite.Checks.Single();
        var shown = check.Evidence + check.Message + suite.Summary + string.Concat(check.Attempts);
        shown.ShouldNotContain(secret);
        shown.ShouldNotContain("hidden");
        check.Evidence.ShouldContain("X-Trace: shown");
        check.Message.ShouldBe("body: actual \"no access for *** or Bearer ***\", expected == \"***\"");
        told.ShouldBe(["hidden-3", Convert.ToBase64String(Encoding.UTF8.GetBytes("anna:hidden-3")), secret]);
    }

    [Fact]
    public async Task A_secret_that_is_cut_through_is_still_hidden()
    {
        var secret = new string('s', 60);
        using var server = LoopbackServer.Start(_ => new(200, new string('x', 190) + secret + "end"));
        var options = Options with { Redact = text => text.Replace(secret, "***", StringComparison.Ordinal) };

        var suite = await RunAsync(server.Url, [Parse("GET {{host}}/\nHTTP 200\n[Asserts]\nbody == \"\"", "a.hurl")], options);

        suite.Checks.Single().Message.ShouldNotContain("s\"");
        suite.Checks.Single().Message.ShouldNotContain("xs");
    }

    [Fact]
    public async Task A_secret_that_holds_a_shorter_one_is_hidden_whole()
    {
        using var server = LoopbackServer.Start(_ => new(200, "key begin-1234-end"));
        var options = Options with { Redact = text => text.Replace("begin-1234-end", "***", StringComparison.Ordinal) };

        var suite = await RunAsync(server.Url, [Parse("GET {{host}}/\n[BasicAuth]\nanna: 1234\nHTTP 200\n[Asserts]\nbody == \"\"", "a.hurl")], options);

        suite.Checks.Single().Message.ShouldBe("body: actual \"key ***\", expected == \"\"");
    }

    [Fact]
    public async Task A_password_is_hidden_before_it_is_first_used()
    {
        using var server = LoopbackServer.Start(_ => new(500, "known: later-1, other-1"));

        var suite = await RunAsync(server.Url, [Parse("GET {{host}}/\nHTTP 200\n\nGET {{host}}/\n[BasicAuth]\nanna: later-1\nHTTP 200", "a.hurl"), Parse("GET {{host}}/\n[BasicAuth]\nanna: other-1", "b.hurl")], Options);

        suite.Checks.ShouldAllBe(check => !check.Evidence.Contains("later-1") && !check.Evidence.Contains("other-1"));
        suite.Checks[0].Evidence.ShouldContain("known: ***, ***");
    }

    [Fact]
    public async Task Evidence_holds_the_failed_exchange_and_at_most_64_KiB()
    {
        using var server = LoopbackServer.Start(request => request.Target == "/ok" ? new(200, "fine") : new(500, "it broke \u001b[31m" + new string('\u20ac', 100_000), ("Content-Type", "text/plain")));

        var check = (await RunAsync(server, "GET {{host}}/ok\nGET {{host}}/broken\nHTTP 200")).Checks.Single();

        check.Evidence.ShouldContain($"GET {server.Url}/ok -> 200 in ");
        check.Evidence.ShouldContain($"> GET {server.Url}/broken\n");
        check.Evidence.ShouldContain("< 500\n");
        check.Evidence.ShouldContain("it broke \\u001b[31m\u20ac");
        check.Evidence.ShouldNotContain("\ufffd");
        Encoding.UTF8.GetByteCount(check.Evidence).ShouldBeInRange(60_000, 64 * 1024);
    }
}

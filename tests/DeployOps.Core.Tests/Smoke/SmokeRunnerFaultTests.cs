using DeployOps.Gates;
using Microsoft.Extensions.Time.Testing;
using static DeployOps.Smoke.SmokeRuns;

namespace DeployOps.Smoke;

public sealed class SmokeRunnerFaultTests
{
    [Theory]
    [InlineData("HTTP 201", 2, "status: actual 200, expected 201")]
    [InlineData("HTTP 200\nX-Version: 2.4.0", 3, "header X-Version: actual \"2.3.0\", expected \"2.4.0\"")]
    [InlineData("HTTP 200\nX-Other: 1", 3, "header X-Other: actual nothing, expected \"1\"")]
    [InlineData("HTTP 200\n[Asserts]\nstatus == 200\njsonpath \"$.n\" == 6", 5, "jsonpath \"$.n\": actual 5, expected == 6")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.n\" == \"5\"", 4, "jsonpath \"$.n\": actual 5 (a number), expected == \"5\"")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.n\" not == 5", 4, "jsonpath \"$.n\": actual 5, expected not == 5")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.n\" > 5", 4, "jsonpath \"$.n\": actual 5, expected > 5")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.s\" > 5", 4, "jsonpath \"$.s\": actual \"text\" (a text), expected > 5")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.s\" not > 5", 4, "jsonpath \"$.s\": actual \"text\" (a text), expected not > 5")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.gone\" != 1", 4, "jsonpath \"$.gone\": actual nothing, expected != 1")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.gone\" exists", 4, "jsonpath \"$.gone\": actual nothing, expected exists")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.s\" matches /^x/", 4, "jsonpath \"$.s\": actual \"text\", expected matches /^x/")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.n\" matches \"5\"", 4, "jsonpath \"$.n\": actual 5 (a number), expected matches /5/")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.list\" contains 4", 4, "jsonpath \"$.list\": actual [1, 2], expected contains 4")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.s\" count == 1", 4, "filter count cannot take a text")]
    [InlineData("HTTP 200\n[Captures]\nlist: jsonpath \"$.list\" redact", 4, "capture list: jsonpath \"$.list\": only a single value can be redacted")]
    [InlineData("HTTP 200\n[Asserts]\njsonpath \"$.s\" toInt == 1", 4, "filter toInt cannot take a text")]
    [InlineData("HTTP 200\n[Captures]\nid: jsonpath \"$.id\"", 4, "capture id: jsonpath \"$.id\": actual nothing, expected a value")]
    [InlineData("HTTP 200\n[Asserts]\nstatus == 1\nstatus == 2\nstatus == 3", 4, "status: actual 200, expected == 1 (and 2 more)")]
    public async Task A_failure_tells_its_line_what_came_and_what_was_expected(string response, int line, string message)
    {
        using var server = LoopbackServer.Start(_ => new(200, """{"n":5,"s":"text","list":[1,2]}""", ("X-Version", "2.3.0")));

        var suite = await RunAsync(server, $"GET {{{{host}}}}/\n{response}");

        var check = suite.Checks.Single();
        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Line.ShouldBe(line);
        check.Message.ShouldStartWith(message);
        suite.Verdict.ShouldBe(GateVerdict.Fail);
        suite.Summary.ShouldBe($"1 smoke tests: 1 failed; first smoke/journey.hurl:{line} {check.Message}");
    }

    [Theory]
    [InlineData(200, SmokeOutcome.Passed, "")]
    [InlineData(302, SmokeOutcome.Passed, "")]
    [InlineData(404, SmokeOutcome.Failed, "status: actual 404, expected below 400 since the request asks for nothing else")]
    [InlineData(500, SmokeOutcome.Failed, "status: actual 500, expected below 400 since the request asks for nothing else")]
    public async Task A_request_that_asks_for_nothing_fails_on_an_error_status(int status, SmokeOutcome outcome, string message)
    {
        using var server = LoopbackServer.Start(_ => new(status));

        var check = (await RunAsync(server, "GET {{host}}/")).Checks.Single();

        check.Outcome.ShouldBe(outcome);
        check.Message.ShouldBe(message);
    }

    [Fact]
    public async Task A_target_nobody_listens_at_is_an_error_that_names_the_cause()
    {
        var suite = await RunAsync($"http://127.0.0.1:{LoopbackServer.FreePort()}", [Parse("GET {{host}}/\nHTTP 200", "smoke/a.hurl"), Parse("\nGET {{host}}/b", "smoke/b.hurl")]);

        suite.Checks.Select(check => (check.Outcome, check.Line)).ShouldBe([(SmokeOutcome.Error, 1), (SmokeOutcome.Error, 2)]);
        suite.Verdict.ShouldBe(GateVerdict.Fail);
        suite.Summary.ShouldStartWith("none of the 2 smoke tests could run: the target cannot be reached from here (smoke/a.hurl:1 no connection: ");
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_an_error()
    {
        var suite = await RunAsync("http://shop.invalid", [Parse("GET {{host}}/", "a.hurl")]);

        suite.Checks.Single().Outcome.ShouldBe(SmokeOutcome.Error);
    }

    [Fact]
    public async Task A_server_without_tls_is_an_error_for_https()
    {
        using var server = LoopbackServer.Start(_ => new(200));

        var suite = await RunAsync(server.Url.Replace("http:", "https:", StringComparison.Ordinal), [Parse("GET {{host}}/", "a.hurl")]);

        suite.Checks.Single().Outcome.ShouldBe(SmokeOutcome.Error);
        suite.Checks.Single().Message.ShouldStartWith("no secure connection: ");
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_an_error()
    {
        var never = new TaskCompletionSource();
        using var server = LoopbackServer.Start(_ => new(200) { Before = never.Task });

        var check = (await RunAsync(server, "GET {{host}}/\n[Options]\nmax-time: 100ms\nHTTP 200")).Checks.Single();

        never.SetResult();
        check.Outcome.ShouldBe(SmokeOutcome.Error);
        check.Message.ShouldBe("no whole answer within 0.1 s");
        check.Evidence.ShouldContain("-> no answer");
    }

    [Fact]
    public async Task The_default_time_limit_holds_where_the_file_says_nothing()
    {
        var time = new FakeTimeProvider();
        using var handler = new StubHandler(_ => null);
        var file = HurlFile.Parse("GET http://shop/\nHTTP 200", "a.hurl");

        var running = new SmokeRunner(Options, time, () => handler).RunAsync([file], new Dictionary<string, object?>(), new SilentReporter(), CancellationToken.None);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await running).Checks.Single().Message.ShouldBe("no whole answer within 30 s");
    }

    [Fact]
    public async Task Endless_redirects_fail()
    {
        using var server = LoopbackServer.Start(_ => new(302, "", ("Location", "/")));

        var check = (await RunAsync(server, "GET {{host}}/\n[Options]\nlocation: true\nmax-redirs: 3\nHTTP 200")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Message.ShouldStartWith("more than 3 redirects");
        check.Attempts[0].Requests.ShouldBe(4);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_no_evidence()
    {
        using var server = LoopbackServer.Start(_ => new(200, new string('a', (1024 * 1024) + 1)));

        var check = (await RunAsync(server, "GET {{host}}/\nHTTP 200\n[Asserts]\nbody contains \"a\"")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Message.ShouldStartWith("the body is longer than 1,048,576 bytes");
    }

    [Theory]
    [InlineData("<html>", "the body is not JSON (line 1, byte 1)")]
    [InlineData("{\"a\":\"\\ud800\"}", "the body holds a text that is not Unicode")]
    public async Task A_body_that_cannot_be_asked_fails(string body, string message)
    {
        using var server = LoopbackServer.Start(_ => Reply.Json(body));

        var check = (await RunAsync(server, "GET {{host}}/\nHTTP 200\n[Asserts]\njsonpath \"$.a\" exists")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Message.ShouldStartWith(message);
    }

    [Theory]
    [InlineData("GET {{bad}}/", "is not an address that starts with http:// or https://")]
    [InlineData("GET http://anna@127.0.0.1/", "put that into [BasicAuth]")]
    [InlineData("GET {{host}}/\nX-Note: {{lines}}", "the value of header 'X-Note' has a line break")]
    [InlineData("GET {{host}}/\n[Cookies]\na: {{lines}}", "a cookie has a line break")]
    public async Task A_request_that_cannot_be_made_is_an_error_and_is_not_sent(string text, string message)
    {
        using var server = LoopbackServer.Start(_ => new(200));

        var check = (await RunAsync(server, text, ("bad", "shop.example"), ("lines", "a\r\nInjected: yes"))).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Error);
        check.Line.ShouldBe(1);
        check.Message.ShouldContain(message);
        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_undefined_variable_is_found_before_anything_is_sent()
    {
        using var server = LoopbackServer.Start(_ => new(200));

        var fault = await Should.ThrowAsync<DeployOpsException>(() => RunAsync(server, "GET {{host}}/\nGET {{hsot}}/"));

        fault.ErrorId.ShouldBe("SmokeVariableUndefined");
        fault.Message.ShouldStartWith("smoke/journey.hurl:2:5 variable 'hsot' is not defined; the nearest known one is 'host'.");
        server.Seen.ShouldBeEmpty();
    }
}

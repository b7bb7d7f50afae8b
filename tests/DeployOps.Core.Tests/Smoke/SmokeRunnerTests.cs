using System.Net;
using System.Text;
using DeployOps.Gates;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Smoke;

public sealed class SmokeRunnerTests
{
    private static readonly SmokeRunOptions Options = new() { RunId = "shop-2.4.0-1", Version = "1.2.3" };

    [Fact]
    public async Task A_journey_passes_with_captures_cookies_and_all_sorts_of_asserts()
    {
        using var server = LoopbackServer.Start(request => (request.Method, request.Target) switch
        {
            ("GET", "/") => new(200, """<input name="csrf" value="abc123">""", ("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "session=s-1; Path=/; HttpOnly"), ("Set-Cookie", "hint=x")),
            ("POST", "/login?from=smoke%20test") => new(303, "", ("Location", "/account")),
            ("POST", "/orders") => new(201, """{"order":{"id":17,"total":4.50},"items":[{"id":7,"qty":2}],"empty":[]}""", ("Content-Type", "application/json")),
            _ => new(404),
        });

        var suite = await RunAsync(server, """
            GET {{host}}/
            HTTP 200
            Content-Type: text/html; charset=utf-8
            [Captures]
            csrf: body regex /value="([a-z0-9]+)"/
            [Asserts]
            status >= 200
            status < 300
            header "Content-Type" startsWith "text/html"
            header "Set-Cookie" count == 2
            header "X-Missing" not exists
            cookie "session" == "s-1"
            cookie "other" not exists
            body contains "csrf"
            body not contains "Exception"
            duration < 20000
            url endsWith "/"

            POST {{host}}/login
            [Query]
            from: smoke test
            [Form]
            user: anna & co
            csrf: {{csrf}}
            [Cookies]
            theme: dark
            HTTP 303
            [Asserts]
            header "Location" == "/account"

            POST {{host}}/orders
            [Options]
            variable: quantity=2
            {"csrf": "{{csrf}}", "note": "{{note}}", "qty": {{quantity}}}
            HTTP 201
            [Captures]
            id: jsonpath "$.order.id"
            [Asserts]
            jsonpath "$.order.id" == 17
            jsonpath "$.order.id" == {{id}}
            jsonpath "$.order.id" != "17"
            jsonpath "$.order.total" == 4.5
            jsonpath "$.items[*].qty" == {{quantity}}
            jsonpath "$.items[*]" count == 1
            jsonpath "$.items[?@.id == 99]" count == 0
            jsonpath "$.items[?@.id == 99]" not exists
            jsonpath "$.items" count == 1
            jsonpath "$.items" nth 0 exists
            jsonpath "$.empty" isEmpty
            jsonpath "$.order" not isEmpty
            jsonpath "$.missing" not exists
            jsonpath "$.order.id" toInt > 16
            """, ("note", "a \"quoted\"\nline"));

        var check = suite.Checks.ShouldHaveSingleItem();
        check.ToString().ShouldBe("Passed: journey");
        check.Requests.ShouldBe(3);
        check.Line.ShouldBe(0);
        check.Attempts.Count.ShouldBe(1);
        suite.Verdict.ShouldBe(GateVerdict.Pass);
        suite.Summary.ShouldBe("1 smoke tests: 1 passed");
        var seen = server.Seen.ToArray();
        seen.ShouldAllBe(request => request.Header("User-Agent") == "DeployOps-Smoke/1.2.3" && request.Header("X-DeployOps-Run") == "shop-2.4.0-1");
        seen[0].Header("Cookie").ShouldBe("");
        seen[1].Header("Cookie").Split("; ").ShouldBe(["session=s-1", "hint=x", "theme=dark"], ignoreOrder: true);
        seen[1].Body.ShouldBe("user=anna%20%26%20co&csrf=abc123");
        seen[1].Header("Content-Type").ShouldBe("application/x-www-form-urlencoded");
        seen[2].Header("Cookie").Split("; ").ShouldBe(["session=s-1", "hint=x"], ignoreOrder: true);
        seen[2].Header("Content-Type").ShouldBe("application/json");
        seen[2].Body.ShouldBe("""{"csrf": "abc123", "note": "a \"quoted\"\nline", "qty": 2}""");
    }

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
    [InlineData("", 1, "")]
    public async Task A_failure_tells_its_line_what_came_and_what_was_expected(string response, int line, string message)
    {
        using var server = LoopbackServer.Start(_ => new(200, """{"n":5,"s":"text","list":[1,2]}""", ("X-Version", "2.3.0")));

        var suite = await RunAsync(server, $"GET {{{{host}}}}/\n{response}");

        if (message.Length == 0)
        {
            suite.Verdict.ShouldBe(GateVerdict.Pass);
            return;
        }

        var check = suite.Checks.Single();
        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Line.ShouldBe(line);
        check.Message.ShouldStartWith(message);
        suite.Verdict.ShouldBe(GateVerdict.Fail);
        suite.Summary.ShouldBe($"1 smoke tests: 1 failed; first smoke/journey.hurl:{line} {check.Message}");
    }

    [Fact]
    public async Task A_request_that_asks_for_nothing_fails_on_an_error_status()
    {
        using var server = LoopbackServer.Start(_ => new(500));

        var check = (await RunAsync(server, "GET {{host}}/")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Message.ShouldStartWith("status: actual 500, expected below 400");
    }

    [Fact]
    public async Task A_file_stops_at_its_first_failed_request_and_runs_once_more()
    {
        using var server = LoopbackServer.Start(request => new(request.Target == "/b" ? 500 : 200));

        var check = (await RunAsync(server, "GET {{host}}/a\nHTTP 200\nGET {{host}}/b\nHTTP 200\nGET {{host}}/c\nHTTP 200")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Failed);
        check.Attempts.Select(attempt => (attempt.Number, attempt.Outcome, attempt.Line, attempt.Requests)).ShouldBe([(1, SmokeOutcome.Failed, 4, 2), (2, SmokeOutcome.Failed, 4, 2)]);
        check.Requests.ShouldBe(4);
        server.Seen.Select(request => request.Target).ShouldBe(["/a", "/b", "/a", "/b"]);
    }

    [Fact]
    public async Task A_file_that_passes_at_the_confirming_run_has_passed_and_says_so()
    {
        var calls = 0;
        using var server = LoopbackServer.Start(_ => new(Interlocked.Increment(ref calls) == 1 ? 503 : 200));

        var check = (await RunAsync(server, "GET {{host}}/\nHTTP 200")).Checks.Single();

        check.Outcome.ShouldBe(SmokeOutcome.Passed);
        check.Attempts.Select(attempt => attempt.Outcome).ShouldBe([SmokeOutcome.Failed, SmokeOutcome.Passed]);
        check.Message.ShouldBe("passed at the second attempt; first, at line 2: status: actual 503, expected 200");
    }

    [Fact]
    public async Task Retry_waits_its_interval_and_covers_asserts_and_captures()
    {
        var time = new FakeTimeProvider();
        var calls = 0;
        var waits = new List<TimeSpan>();
        var started = time.GetUtcNow();
        using var handler = new StubHandler(_ =>
        {
            waits.Add(time.GetUtcNow() - started);
            return Interlocked.Increment(ref calls) switch
            {
                1 => new(HttpStatusCode.OK) { Content = new StringContent("""{"ready":false}""") },
                2 => new(HttpStatusCode.OK) { Content = new StringContent("""{"ready":true}""") },
                _ => new(HttpStatusCode.OK) { Content = new StringContent("""{"ready":true,"id":1}""") },
            };
        });
        var file = HurlFile.Parse("GET http://shop/\n[Options]\nretry: 5\nretry-interval: 2s\nHTTP 200\n[Captures]\nid: jsonpath \"$.id\"\n[Asserts]\njsonpath \"$.ready\" == true", "a.hurl");

        var running = new SmokeRunner(Options, time, () => handler).RunAsync([file], new Dictionary<string, object?>(), new SilentReporter(), CancellationToken.None);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        var check = (await running).Checks.Single();
        check.Outcome.ShouldBe(SmokeOutcome.Passed);
        check.Attempts.Count.ShouldBe(1);
        check.Requests.ShouldBe(3);
        waits.Zip(waits.Skip(1), (earlier, later) => later - earlier).ShouldAllBe(wait => wait >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Retry_covers_connection_errors_and_is_counted_in_the_message()
    {
        var calls = 0;
        using var handler = new StubHandler(_ =>
        {
            calls++;
            throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        });
        var file = HurlFile.Parse("GET http://shop/\n[Options]\nretry: 2\nretry-interval: 1ms\nHTTP 200", "a.hurl");

        var suite = await new SmokeRunner(Options, TimeProvider.System, () => handler).RunAsync([file], new Dictionary<string, object?>(), new SilentReporter(), CancellationToken.None);

        calls.ShouldBe(6);
        suite.Checks.Single().Message.ShouldBe("no connection: refused (after 2 retries)");
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
    public async Task Stopping_ends_the_run_at_once()
    {
        var never = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        using var server = LoopbackServer.Start(_ =>
        {
            stop.Cancel();
            return new(200) { Before = never.Task };
        });

        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(server.Url, [Parse("GET {{host}}/", "a.hurl")], cancellationToken: stop.Token));

        never.SetResult();
        server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cookies_stay_within_their_file()
    {
        using var server = LoopbackServer.Start(request => new(200, "", ("Set-Cookie", $"from={request.Target.Trim('/')}; Path=/")));

        await RunAsync(server.Url, [Parse("GET {{host}}/a\nGET {{host}}/a2", "a.hurl"), Parse("GET {{host}}/b\nGET {{host}}/b2", "b.hurl")]);

        var cookies = server.Seen.ToDictionary(request => request.Target, request => request.Header("Cookie"));
        cookies["/a"].ShouldBe("");
        cookies["/b"].ShouldBe("");
        cookies["/a2"].ShouldBe("from=a");
        cookies["/b2"].ShouldBe("from=b");
    }

    [Fact]
    public async Task Redirects_are_followed_only_where_the_file_asks_for_it()
    {
        using var server = LoopbackServer.Start(request => request.Target switch
        {
            "/post" => new(302, "", ("Location", "/next"), ("Set-Cookie", "seen=1; Path=/")),
            "/next" => new(307, "", ("Location", "end?x=1")),
            _ => new(200, "there"),
        });

        var suite = await RunAsync(server, """
            POST {{host}}/post
            HTTP 302

            POST {{host}}/post
            X-Kept: yes
            [Options]
            location: true
            {"a": 1}
            HTTP 200
            [Asserts]
            body == "there"
            url == "{{host}}/end?x=1"
            """);

        suite.Verdict.ShouldBe(GateVerdict.Pass, suite.Summary);
        var last = server.Seen.Last();
        last.Method.ShouldBe("GET");
        last.Body.ShouldBe("");
        last.Header("X-Kept").ShouldBe("yes");
        last.Header("Cookie").ShouldBe("seen=1");
        last.Header("X-DeployOps-Run").ShouldBe("shop-2.4.0-1");
        suite.Checks.Single().Requests.ShouldBe(4);
    }

    [Fact]
    public async Task A_308_keeps_method_and_body()
    {
        using var server = LoopbackServer.Start(request => request.Target == "/old" ? new(308, "", ("Location", "/new")) : new(200));

        await RunAsync(server, "PUT {{host}}/old\n[Options]\nlocation: true\n{\"a\": 1}\nHTTP 200");

        server.Seen.Last().ShouldSatisfyAllConditions(
            request => request.Method.ShouldBe("PUT"),
            request => request.Body.ShouldBe("{\"a\": 1}"),
            request => request.Header("Content-Type").ShouldBe("application/json"));
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
    public async Task Files_run_at_the_same_time_up_to_the_limit()
    {
        var now = 0;
        var most = 0;
        var three = new TaskCompletionSource();
        using var server = LoopbackServer.Start(_ =>
        {
            var count = Interlocked.Increment(ref now);
            lock (three)
            {
                most = Math.Max(most, count);
            }

            if (count == 3)
            {
                three.TrySetResult();
            }

            return new(200) { Before = three.Task.ContinueWith(_ => Interlocked.Decrement(ref now), TaskScheduler.Default) };
        });
        var files = Enumerable.Range(0, 9).Select(number => Parse("GET {{host}}/\nHTTP 200", $"{number}.hurl")).ToList();

        var suite = await RunAsync(server.Url, files, Options with { Parallelism = 3 });

        suite.Verdict.ShouldBe(GateVerdict.Pass, suite.Summary);
        suite.Checks.Select(check => check.Name).ShouldBe(files.Select(file => file.Name));
        most.ShouldBe(3);
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

    private static HurlFile Parse(string text, string path) => HurlFile.Parse(text, path);

    private static Task<SmokeSuite> RunAsync(LoopbackServer server, string text, params (string Name, object? Value)[] variables) =>
        RunAsync(server.Url, [Parse(text, "smoke/journey.hurl")], Options, variables);

    private static Task<SmokeSuite> RunAsync(
        string host,
        IReadOnlyList<HurlFile> files,
        SmokeRunOptions? options = null,
        (string Name, object? Value)[]? variables = null,
        CancellationToken cancellationToken = default)
    {
        var all = (variables ?? []).Append(("host", host)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        return new SmokeRunner(options ?? Options, TimeProvider.System).RunAsync(files, all, new SilentReporter(), cancellationToken);
    }
}

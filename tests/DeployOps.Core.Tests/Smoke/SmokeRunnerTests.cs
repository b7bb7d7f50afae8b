using System.Net;
using DeployOps.Gates;
using Microsoft.Extensions.Time.Testing;
using static DeployOps.Smoke.SmokeRuns;

namespace DeployOps.Smoke;

public sealed class SmokeRunnerTests
{
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
        var file = HurlFile.Parse("GET http://shop/\n[Options]\nmax-time: 3600s\nretry: 5\nretry-interval: 2s\nHTTP 200\n[Captures]\nid: jsonpath \"$.id\"\n[Asserts]\njsonpath \"$.ready\" == true", "a.hurl");

        var running = new SmokeRunner(Options, time, () => handler).RunAsync([file], new Dictionary<string, object?>(), new SilentReporter(), CancellationToken.None);
        while (!running.IsCompleted)
        {
            // A real moment each, or the clock would run past the request's time limit while a busy machine answers.
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1, TestContext.Current.CancellationToken);
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
}

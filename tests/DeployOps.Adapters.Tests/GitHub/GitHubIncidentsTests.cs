using System.Net;
using System.Net.Sockets;
using DeployOps.Incidents;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.GitHub;

public sealed class GitHubIncidentsTests
{
    [Fact]
    public async Task Open_issues_that_bear_the_label_are_incidents_and_pull_requests_are_none()
    {
        using var server = new GitHubServer();
        server.Issues.AddRange([(42, "payments fail", false), (43, "mend the payments", true)]);

        (await AskAsync(server)).ShouldHaveSingleItem().ToString().ShouldBe("example/shop#42: payments fail");

        server.Requests.ShouldHaveSingleItem().Path.ShouldBe("/api/v3/repos/example/shop/issues?filter=all&state=open&labels=incident&sort=created&direction=desc&per_page=100");
    }

    [Fact]
    public async Task An_incident_behind_a_page_of_pull_requests_is_found()
    {
        using var server = new GitHubServer();
        server.Issues.AddRange(Enumerable.Range(1, 100).Select(number => (number, "a change", true)));
        server.Issues.Add((101, "payments fail", false));

        (await AskAsync(server)).ShouldHaveSingleItem().Name.ShouldBe("example/shop#101");
    }

    [Fact]
    public async Task Where_no_issue_bears_the_label_none_is_open()
    {
        using var server = new GitHubServer { Label = "sev 1" };

        (await AskAsync(server, label: "sev 1")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_label_that_does_not_exist_is_not_taken_for_a_quiet_system()
    {
        using var server = new GitHubServer { Label = "incidents" };

        var error = await FailsAsync(server, "IncidentLabelUnknown");

        error.Message.ShouldContain("example/shop has no label 'incident'");
    }

    [Fact]
    public async Task The_token_is_who_asks()
    {
        using var server = new GitHubServer();

        await AskAsync(server, token: "token-of-the-team");

        server.Requests.ShouldAllBe(request => request.Authorization == "Token token-of-the-team");
    }

    [Theory]
    [InlineData(401, """{"message":"Bad credentials"}""", "GitHubDenied", "Bad credentials")]
    [InlineData(403, """{"message":"Resource not accessible by personal access token"}""", "GitHubDenied", "not accessible")]
    [InlineData(404, """{"message":"Not Found"}""", "GitHubNotFound", "knows no example/shop")]
    [InlineData(500, """{"message":"Server Error"}""", "GitHubRefused", "answered 500")]
    [InlineData(502, "<html>Bad Gateway</html>", "GitHubRefused", "answered 502")]
    [InlineData(403, """{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}""", "GitHubRateLimited", "too often")]
    [InlineData(403, """{"message":"You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."}""", "GitHubRateLimited", "too often")]
    [InlineData(429, """{"message":"Too Many Requests"}""", "GitHubRateLimited", "too often")]
    public async Task Whatever_the_server_refuses_is_no_answer(int status, string body, string id, string words)
    {
        using var server = new GitHubServer { Instead = new ServerAnswer(status, body) };

        (await FailsAsync(server, id)).Message.ShouldContain(words);
    }

    [Fact]
    public async Task A_limit_that_is_used_up_is_told_with_the_time_it_ends()
    {
        var reset = new DateTimeOffset(2026, 3, 5, 21, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        using var server = new GitHubServer
        {
            Instead = new ServerAnswer(403, """{"message":"API rate limit exceeded for 192.0.2.1."}""") { Headers = [("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", $"{reset}")] },
        };

        (await FailsAsync(server, "GitHubRateLimited")).Message.ShouldContain("no more than 60 requests an hour, and those are used up until 21:00:00 UTC");
    }

    [Theory]
    [InlineData("not json", "application/json")]
    [InlineData("{}", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("[null]", "application/json")]
    [InlineData("[{\"number\":\"x\"}]", "application/json")]
    [InlineData("[1]", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("<html>Sign in</html>", "text/html")]
    public async Task What_is_no_list_of_issues_is_no_answer(string body, string type)
    {
        using var server = new GitHubServer { Instead = ServerAnswer.Ok(body) with { Headers = [("Content-Type", type)] } };

        await FailsAsync(server, "GitHubAnswerInvalid");
    }

    [Fact]
    public async Task A_server_that_is_gone_is_no_answer()
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => Source(LoopbackListener.FreeAddress()).FindOpenAsync(CancellationToken.None));

        error.ErrorId.ShouldBe("GitHubUnreachable");
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => Source(new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/")).FindOpenAsync(cancel.Token));
    }

    private static Task<IReadOnlyList<Incident>> AskAsync(GitHubServer server, string label = "incident", string? token = null) => Source(server.Uri, label, token).FindOpenAsync(CancellationToken.None);

    private static IIncidentSource Source(Uri uri, string label = "incident", string? token = null)
    {
        using var adapters = new Adapters(TimeProvider.System);
        return adapters.OpenIncidents(new IncidentSpec { Kind = "GitHub", Repository = "example/shop", Label = label, Token = token, Uri = uri });
    }

    private static async Task<DeployOpsException> FailsAsync(GitHubServer server, string id)
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => AskAsync(server));
        error.ErrorId.ShouldBe(id);
        return error;
    }
}

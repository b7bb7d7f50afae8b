using System.Text.Json.Nodes;
using DeployOps.Notices;
using DeployOps.Tests.Shared;
using DeployOps.Windows;

namespace DeployOps.Adapters.Tests.GitHub;

public sealed class GitHubDeploymentsTests
{
    private static readonly string Head = new('a', 64);

    [Fact]
    public async Task The_first_notice_makes_a_deployment_that_merges_nothing_and_waits_for_no_check()
    {
        using var server = new GitHubServer();

        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"), reference: "v2.4.0");

        var deployment = server.Deployments.ShouldHaveSingleItem();
        deployment["ref"]!.GetValue<string>().ShouldBe("v2.4.0");
        deployment["auto_merge"]!.GetValue<bool>().ShouldBeFalse();
        deployment["required_contexts"]!.AsArray().ShouldBeEmpty();
        deployment["environment"]!.GetValue<string>().ShouldBe("production");
        deployment["description"]!.GetValue<string>().ShouldBe("shop-2.4.0-1: shop 2.4.0");
        var (number, status) = server.Statuses.ShouldHaveSingleItem();
        number.ShouldBe(1);
        status["state"]!.GetValue<string>().ShouldBe("in_progress");
        status["description"]!.GetValue<string>().ShouldBe($"shop-2.4.0-1/1 {Head} shop 2.4.0 in production: is prepared");
        server.Requests.ShouldAllBe(request => request.Authorization == "Token token-of-the-team");
    }

    [Fact]
    public async Task Without_a_ref_the_one_is_deployed_that_is_called_as_the_release()
    {
        using var server = new GitHubServer();

        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"));

        server.Deployments.ShouldHaveSingleItem()["ref"]!.GetValue<string>().ShouldBe("2.4.0");
    }

    [Fact]
    public async Task Another_window_has_a_deployment_of_its_own()
    {
        using var server = new GitHubServer();

        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"));
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared") with { Window = "shop-2.4.0-2", Key = "shop-2.4.0-2/1" });
        await SendAsync(server, Notice(7, WindowState.Open, "Rollout succeeded"));

        server.Deployments.Count.ShouldBe(2);
        server.Statuses.Select(status => status.Deployment).ShouldBe([1, 2, 1]);
    }

    [Fact]
    public async Task It_is_found_by_one_question_behind_however_many_others_were_made_since()
    {
        using var server = new GitHubServer();
        Others(server, 300);
        var opened = GitHubServer.FirstCreated.AddHours(300);
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared") with { Opened = opened });
        Others(server, 3_500);
        Others(server, 450, "staging", "2.4.0");
        server.Requests.Clear();

        await SendAsync(server, Notice(2, WindowState.Open, "goes on") with { Opened = opened });

        server.Statuses.Select(status => status.Deployment).ShouldBe([301, 301]);
        server.Requests.Count(IsSearch).ShouldBe(1);
    }

    [Fact]
    public async Task It_is_found_where_the_plan_names_another_ref_by_now_and_nothing_older_than_the_window_is_looked_through()
    {
        using var server = new GitHubServer();
        Others(server, 300);
        var opened = GitHubServer.FirstCreated.AddHours(300);
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared") with { Opened = opened });
        Others(server, 450);
        server.Requests.Clear();

        await SendAsync(server, Notice(2, WindowState.Open, "goes on") with { Opened = opened }, reference: "v2.4.0");
        var asked = server.Requests.Count(IsSearch);
        server.Requests.Clear();
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared") with { Window = "shop-2.4.0-2", Key = "shop-2.4.0-2/1", Opened = opened.AddHours(440) });

        server.Statuses.Select(status => status.Deployment).ShouldBe([301, 301, 752]);
        asked.ShouldBe(1 + 5);
        server.Requests.Count(IsSearch).ShouldBe(1 + 1, "a day before it was opened is on the first page");
    }

    [Fact]
    public async Task Environments_and_refs_are_asked_for_whatever_letters_they_have()
    {
        using var server = new GitHubServer();
        var notice = Notice(1, WindowState.Open, "is prepared") with { Environment = "prod & test/eu", Opened = GitHubServer.FirstCreated };

        await SendAsync(server, notice, reference: "release/2.4 + 1");
        await SendAsync(server, notice with { Key = "shop-2.4.0-1/2" }, reference: "release/2.4 + 1");

        server.Deployments.Count.ShouldBe(1);
    }

    private static bool IsSearch((string Path, string? Authorization) request) => request.Path.Contains("/deployments?", StringComparison.Ordinal);

    private static void Others(GitHubServer server, int count, string environment = "production", string reference = "1.0.0")
    {
        for (var i = 0; i < count; i++)
        {
            server.Deployments.Add(new JsonObject { ["ref"] = reference, ["environment"] = environment, ["description"] = "another's" });
        }
    }

    [Fact]
    public async Task A_notice_that_was_taken_already_is_not_written_twice()
    {
        using var server = new GitHubServer();

        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"));
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"));
        await SendAsync(server, Notice(11, WindowState.Open, "Rollout succeeded"));

        server.Deployments.Count.ShouldBe(1);
        server.Statuses.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("in_progress success", WindowState.Open, WindowState.Completed)]
    [InlineData("in_progress in_progress failure", WindowState.Open, WindowState.RollingBack, WindowState.RolledBack)]
    [InlineData("in_progress success in_progress inactive", WindowState.Open, WindowState.Completed, WindowState.RollingBack, WindowState.RolledBack)]
    [InlineData("in_progress error", WindowState.Open, WindowState.RollbackFailed)]
    [InlineData("in_progress failure", WindowState.Open, WindowState.Stopped)]
    public async Task Its_statuses_follow_the_window(string expected, params WindowState[] states)
    {
        using var server = new GitHubServer();

        foreach (var (state, place) in states.Select((state, place) => (state, place)))
        {
            await SendAsync(server, Notice(place + 1, state, "goes on"));
        }

        string.Join(' ', server.Statuses.Select(status => status.Body["state"]!.GetValue<string>())).ShouldBe(expected);
    }

    [Fact]
    public async Task What_GitHub_would_not_take_is_cut()
    {
        using var server = new GitHubServer();

        await SendAsync(server, Notice(1, WindowState.Open, new string('x', 300)));

        server.Statuses.Single().Body["description"]!.GetValue<string>().Length.ShouldBe(140);
    }

    [Fact]
    public async Task A_ref_that_does_not_exist_is_told_and_leaves_the_notice_to_be_sent_again()
    {
        using var server = new GitHubServer();

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server, Notice(1, WindowState.Open, "is prepared"), reference: "unknown"));

        (error.ErrorId, error.Kind).ShouldBe(("NoticeNotTaken", FaultKind.Failed));
        error.Fact.ShouldContain("No ref found for: unknown");
        server.Statuses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{}", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("[null]", "application/json")]
    [InlineData("[{\"id\":\"x\"}]", "application/json")]
    [InlineData("[1]", "application/json")]
    [InlineData("<html>Sign in</html>", "text/html")]
    [InlineData("", "application/json")]
    public async Task What_a_proxy_answers_in_GitHubs_place_leaves_the_notice_to_be_sent_again(string body, string type)
    {
        using var server = new GitHubServer { Instead = ServerAnswer.Ok(body) with { Headers = [("Content-Type", type)] } };

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server, Notice(1, WindowState.Open, "is prepared")));

        error.ErrorId.ShouldBe("NoticeNotTaken");
        error.Fact.ShouldContain("What 127.0.0.1 answers is not GitHub's: ");
    }

    [Fact]
    public async Task A_deployment_that_was_made_without_a_number_is_no_deployment()
    {
        using var server = new GitHubServer { InsteadOfPosts = new ServerAnswer(201, """{"url":"x"}""") };

        (await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server, Notice(1, WindowState.Open, "is prepared")))).Fact.ShouldContain("has no number");
    }

    [Fact]
    public async Task A_status_that_somebody_else_wrote_without_a_description_is_passed_over()
    {
        using var server = new GitHubServer();
        await SendAsync(server, Notice(1, WindowState.Open, "is prepared"));
        server.Statuses.Add((1, new JsonObject { ["state"] = "queued", ["description"] = null }));

        await SendAsync(server, Notice(2, WindowState.Open, "goes on"));

        server.Statuses.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_and_leaves_the_notice_to_be_sent_again()
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(LoopbackListener.FreeAddress(), Notice(1, WindowState.Open, "is prepared")));

        (error.ErrorId, error.Kind).ShouldBe(("NoticeNotTaken", FaultKind.Timeout));
        error.Fact.ShouldContain("127.0.0.1 does not answer");
    }

    private static Notice Notice(int number, WindowState state, string what) => new(
        $"shop-2.4.0-1/{number}", "shop-2.4.0-1", "shop", "production", "2.4.0", DateTimeOffset.UnixEpoch, state, Head, NoticeTone.Neutral, $"shop 2.4.0 in production: {what}", "");

    private static Task SendAsync(GitHubServer server, Notice notice, string? reference = null) => SendAsync(server.Uri, notice, reference);

    private static async Task SendAsync(Uri server, Notice notice, string? reference = null)
    {
        using var adapters = new Adapters(TimeProvider.System);
        var spec = new GitHubDeploymentSpec { Repository = "example/shop", Ref = reference, Token = "token-of-the-team", Uri = server };
        await adapters.OpenChannel(new NoticeSpec { Name = "deployments", Kind = "GitHub", GitHub = spec }).SendAsync(notice, CancellationToken.None);
    }
}

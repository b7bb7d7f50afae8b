using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DeployOps.Notices;
using DeployOps.Tests.Shared;
using DeployOps.Windows;

namespace DeployOps.Adapters.Tests.Notices;

public sealed class WebhookChannelTests
{
    private static readonly Notice Hostile = new(
        "shop-2.4.0-1/17", "shop-2.4.0-1", "shop", "production", "2.4.0", new DateTimeOffset(2026, 3, 5, 21, 30, 0, TimeSpan.FromHours(1)), WindowState.Open, new string('a', 64), NoticeTone.Bad,
        "shop 2.4.0 in production: Rollout failed", "<!channel> *bold* [x](http://127.0.0.1/) & \"quotes\"\nsecond line");

    [Fact]
    public async Task The_plain_body_has_every_field_and_the_key()
    {
        using var server = new WebhookServer(200);

        await SendAsync(server.Uri);

        var post = server.Posts.ShouldHaveSingleItem();
        post.Headers["Idempotency-Key"].ShouldBe("shop-2.4.0-1/17");
        post.Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
        post.Headers.ShouldNotContainKey("X-DeployOps-Signature");
        var body = JsonNode.Parse(post.Body)!.AsObject();
        body.Select(field => field.Key).ShouldBe(["key", "window", "service", "environment", "release", "time", "state", "head", "tone", "title", "text"]);
        ((string?)body["time"], (string?)body["tone"], (string?)body["text"]).ShouldBe(("2026-03-05T20:30:00Z", "Bad", Hostile.Text));
    }

    [Fact]
    public async Task A_secret_signs_the_bytes_of_the_body()
    {
        using var server = new WebhookServer(202);

        await SendAsync(server.Uri, secret: "shared-secret");

        var post = server.Posts.ShouldHaveSingleItem();
        post.Headers["X-DeployOps-Signature"].ShouldBe($"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("shared-secret"), post.Body))}");
    }

    [Fact]
    public async Task Slack_gets_blocks_of_plain_text_in_which_nothing_is_a_mention()
    {
        using var server = new WebhookServer(200);

        await SendAsync(server.Uri, WebhookFormat.Slack);

        var body = JsonNode.Parse(server.Posts.Single().Body)!;
        body["blocks"]!.AsArray().Select(block => (string?)block!["type"]).ShouldBe(["header", "section", "context"]);
        ((string?)body["blocks"]![1]!["text"]!["type"], (string?)body["blocks"]![1]!["text"]!["text"]).ShouldBe(("plain_text", Hostile.Text));
        ((string?)body["text"])!.ShouldContain("&lt;!channel&gt; *bold*");
    }

    [Fact]
    public async Task Slack_takes_no_more_than_its_limits()
    {
        using var server = new WebhookServer(200);

        await SendAsync(server.Uri, WebhookFormat.Slack, Hostile with { Title = new string('t', 400), Text = string.Concat(Enumerable.Repeat("😀", 4000)) });

        var blocks = JsonNode.Parse(server.Posts.Single().Body)!["blocks"]!;
        ((string)blocks[0]!["text"]!["text"]!).Length.ShouldBe(150);
        ((string)blocks[1]!["text"]!["text"]!).Length.ShouldBeLessThanOrEqualTo(3000);
        ((string)blocks[1]!["text"]!["text"]!).ShouldEndWith("😀…");
    }

    [Theory]
    [InlineData("<")]
    [InlineData("😀")]
    public async Task Teams_takes_no_more_than_its_limit(string sign)
    {
        using var server = new WebhookServer(202);

        await SendAsync(server.Uri, WebhookFormat.Teams, Hostile with { Title = string.Concat(Enumerable.Repeat(sign, 4000)), Text = string.Concat(Enumerable.Repeat(sign, 60_000)) });

        server.Posts.Single().Body.Length.ShouldBeLessThan(28_000);
    }

    [Fact]
    public async Task Teams_gets_one_adaptive_card_whose_text_is_no_markup()
    {
        using var server = new WebhookServer(202);

        await SendAsync(server.Uri, WebhookFormat.Teams);

        var attachment = JsonNode.Parse(server.Posts.Single().Body)!["attachments"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)attachment["contentType"], (string?)attachment["content"]!["type"], (string?)attachment["content"]!["version"]).ShouldBe(("application/vnd.microsoft.card.adaptive", "AdaptiveCard", "1.4"));
        var texts = attachment["content"]!["body"]!.AsArray();
        ((string?)texts[0]!["color"]).ShouldBe("Attention");
        ((string?)texts[1]!["text"]).ShouldBe("\\<!channel\\> \\*bold\\* \\[x\\]\\(http://127.0.0.1/\\) & \"quotes\"\nsecond line");
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_server_that_is_busy_is_asked_again_with_the_same_key(int status)
    {
        using var server = new WebhookServer(status, status, 200);

        await SendAsync(server.Uri);

        server.Posts.Select(post => post.Headers["Idempotency-Key"]).ShouldBe(["shop-2.4.0-1/17", "shop-2.4.0-1/17", "shop-2.4.0-1/17"]);
    }

    [Theory]
    [InlineData(500, 3, "NoticeNotTaken")]
    [InlineData(400, 1, "NoticeRefused")]
    [InlineData(413, 1, "NoticeRefused")]
    [InlineData(422, 1, "NoticeRefused")]
    [InlineData(401, 1, "NoticeNotTaken")]
    [InlineData(404, 1, "NoticeNotTaken")]
    [InlineData(302, 1, "NoticeNotTaken")]
    public async Task What_is_no_success_is_not_taken_for_one(int status, int posts, string id)
    {
        using var server = new WebhookServer(status);

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server.Uri));

        error.ErrorId.ShouldBe(id);
        error.Kind.ShouldNotBe(FaultKind.Timeout, "it answered");
        error.Message.ShouldContain($"127.0.0.1 answered {status}");
        error.Message.ShouldNotContain("/hook");
        server.Posts.Count.ShouldBe(posts);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_told_within_its_time()
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(new Uri(LoopbackListener.FreeAddress(), "token-in-the-path")));

        (error.ErrorId, error.Kind).ShouldBe(("NoticeNotTaken", FaultKind.Timeout));
        error.Message.ShouldNotContain("token-in-the-path");
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/")));

        error.Message.ShouldContain("nothing came in time");
        error.Kind.ShouldBe(FaultKind.Timeout, "nobody waits for it again in the same command");
    }

    private static async Task SendAsync(Uri uri, WebhookFormat format = WebhookFormat.Json, Notice? notice = null, string? secret = null)
    {
        using var adapters = new Adapters(TimeProvider.System);
        await adapters.OpenChannel(new NoticeSpec { Name = "team", Kind = "Webhook", Uri = uri, Format = format, Secret = secret }).SendAsync(notice ?? Hostile, CancellationToken.None);
    }
}

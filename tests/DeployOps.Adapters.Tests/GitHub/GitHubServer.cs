using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.GitHub;

/// <summary>Answers on a free loopback port as an Enterprise server's API does about the issues and labels of example/shop: pages and their links, errors and their bodies, limits and their headers.</summary>
internal sealed class GitHubServer : IDisposable
{
    private const string Repository = "/api/v3/repos/example/shop";

    private readonly LoopbackListener listener;

    public GitHubServer() => listener = new LoopbackListener(request =>
    {
        Requests.Enqueue((request.RawUrl!, request.Headers["Authorization"]));
        var answer = Instead ?? Answer(request);

        return Task.FromResult(answer with { Headers = [("Content-Type", "application/json; charset=utf-8"), .. answer.Headers] });
    });

    public Uri Uri => listener.Uri;

    /// <summary>The open issues that bear the label; a pull request is one of them, as GitHub has it.</summary>
    public List<(int Number, string Title, bool IsPullRequest)> Issues { get; } = [];

    /// <summary>The label that the repository has.</summary>
    public string Label { get; set; } = "incident";

    /// <summary>Answers every request in place of the API; null where the API answers.</summary>
    public ServerAnswer? Instead { get; set; }

    /// <summary>What was asked: the path with its query, and who asked.</summary>
    public ConcurrentQueue<(string Path, string? Authorization)> Requests { get; } = new();

    public void Dispose() => listener.Dispose();

    private ServerAnswer Answer(HttpListenerRequest request) => request.Url!.AbsolutePath switch
    {
        $"{Repository}/issues" => Page(request),
        var path when Uri.UnescapeDataString(path) == $"{Repository}/labels/{Label}" => ServerAnswer.Ok(JsonSerializer.Serialize(new { id = 1, name = Label, color = "ff0000" })),
        _ => new ServerAnswer(404, """{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"""),
    };

    private ServerAnswer Page(HttpListenerRequest request)
    {
        if (request.QueryString["state"] != "open" || request.QueryString["labels"] is not { } label)
        {
            return new ServerAnswer(422, """{"message":"Validation Failed"}""");
        }

        var size = int.Parse(request.QueryString["per_page"] ?? "30");
        var number = int.Parse(request.QueryString["page"] ?? "1");
        var found = label == Label ? Issues : [];
        var link = ("Link", $"<{Uri}{Repository[1..]}/issues?state=open&labels={label}&per_page={size}&page={number + 1}>; rel=\"next\"");

        return ServerAnswer.Ok($"[{string.Join(',', found.Skip((number - 1) * size).Take(size).Select(Issue))}]") with { Headers = found.Count > number * size ? [link] : [] };
    }

    private static string Issue((int Number, string Title, bool IsPullRequest) issue) => JsonSerializer.Serialize(issue.IsPullRequest
        ? new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)new { url = "https://example.invalid/pulls/1" } }
        : new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)null });
}

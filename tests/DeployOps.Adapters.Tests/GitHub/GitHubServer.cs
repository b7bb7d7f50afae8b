using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.GitHub;

/// <summary>Answers on a free loopback port as an Enterprise server's API does about the issues, labels and deployments of example/shop: pages and their links, errors and their bodies, limits and their headers.</summary>
internal sealed class GitHubServer : IDisposable
{
    private const string Repository = "/api/v3/repos/example/shop";

    /// <summary>When the first deployment was made; each one after it an hour later.</summary>
    public static readonly DateTimeOffset FirstCreated = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly LoopbackListener listener;

    public GitHubServer() => listener = new LoopbackListener(request =>
    {
        Requests.Enqueue((request.RawUrl!, request.Headers["Authorization"]));
        var answer = Instead ?? (request.HttpMethod == "POST" ? InsteadOfPosts : null) ?? Answer(request);

        return Task.FromResult(answer.Headers.Any(header => header.Name == "Content-Type") ? answer : answer with { Headers = [("Content-Type", "application/json; charset=utf-8"), .. answer.Headers] });
    });

    public Uri Uri => listener.Uri;

    /// <summary>The open issues that bear the label; a pull request is one of them, as GitHub has it.</summary>
    public List<(int Number, string Title, bool IsPullRequest)> Issues { get; } = [];

    /// <summary>The label that the repository has.</summary>
    public string Label { get; set; } = "incident";

    /// <summary>Answers every request in place of the API; null where the API answers.</summary>
    public ServerAnswer? Instead { get; set; }

    /// <summary>Answers what creates something in place of the API; null where the API answers.</summary>
    public ServerAnswer? InsteadOfPosts { get; set; }

    /// <summary>What was asked: the path with its query, and who asked.</summary>
    public ConcurrentQueue<(string Path, string? Authorization)> Requests { get; } = new();

    /// <summary>The bodies of the deployments that were created, in order; a deployment's number is its place, from 1.</summary>
    public List<JsonObject> Deployments { get; } = [];

    /// <summary>The bodies of the statuses that were written, in order, with their deployment's number.</summary>
    public List<(int Deployment, JsonObject Body)> Statuses { get; } = [];

    public void Dispose() => listener.Dispose();

    private ServerAnswer Answer(HttpListenerRequest request) => request.Url!.AbsolutePath switch
    {
        $"{Repository}/issues" => Page(request),
        var path when Uri.UnescapeDataString(path) == $"{Repository}/labels/{Label}" => ServerAnswer.Ok(JsonSerializer.Serialize(new { id = 1, name = Label, color = "ff0000" })),
        $"{Repository}/deployments" => request.HttpMethod == "POST" ? Create(request) : PageOfDeployments(request),
        var path when path.StartsWith($"{Repository}/deployments/", StringComparison.Ordinal) && path.EndsWith("/statuses", StringComparison.Ordinal) => OfStatuses(request, int.Parse(path.Split('/')[^2])),
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

    private ServerAnswer PageOfDeployments(HttpListenerRequest request)
    {
        var size = int.Parse(request.QueryString["per_page"] ?? "30");
        var number = int.Parse(request.QueryString["page"] ?? "1");
        var link = ("Link", $"<{Uri}{Repository[1..]}/deployments?per_page={size}&page={number + 1}>; rel=\"next\"");
        bool IsAsked(string key, JsonObject body) => request.QueryString[key] is not { } asked || asked == body[key]!.GetValue<string>();
        var found = Deployments.Select((body, place) => Shown(body, place + 1)).Where(body => IsAsked("environment", body) && IsAsked("ref", body)).Reverse().ToList();

        return ServerAnswer.Ok(JsonSerializer.Serialize(found.Skip((number - 1) * size).Take(size))) with { Headers = found.Count > number * size ? [link] : [] };
    }

    private ServerAnswer Create(HttpListenerRequest request)
    {
        var body = Body(request);
        if (body["ref"]!.GetValue<string>() == "unknown")
        {
            return new ServerAnswer(422, """{"message":"No ref found for: unknown"}""");
        }

        Deployments.Add(body);
        return new ServerAnswer(201, Shown(body, Deployments.Count).ToJsonString());
    }

    private ServerAnswer OfStatuses(HttpListenerRequest request, int deployment)
    {
        if (request.HttpMethod == "POST")
        {
            Statuses.Add((deployment, Body(request)));
            return new ServerAnswer(201, Statuses[^1].Body.ToJsonString());
        }

        return ServerAnswer.Ok(JsonSerializer.Serialize(Statuses.Where(status => status.Deployment == deployment).Select(status => status.Body).Reverse()));
    }

    private static JsonObject Shown(JsonObject body, int number) => new()
    {
        ["id"] = number,
        ["ref"] = body["ref"]!.GetValue<string>(),
        ["environment"] = body["environment"]!.GetValue<string>(),
        ["description"] = body["description"]!.GetValue<string>(),
        ["payload"] = new JsonObject(),
        ["created_at"] = (FirstCreated + TimeSpan.FromHours(number)).ToString("O"),
    };

    private static JsonObject Body(HttpListenerRequest request) => JsonNode.Parse(request.InputStream)!.AsObject();

    private static string Issue((int Number, string Title, bool IsPullRequest) issue) => JsonSerializer.Serialize(issue.IsPullRequest
        ? new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)new { url = "https://example.invalid/pulls/1" } }
        : new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)null });
}

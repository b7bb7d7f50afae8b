using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DeployOps.Adapters.Tests.GitHub;

/// <summary>Answers on a free loopback port as an Enterprise server's API does about the issues and labels of example/shop: pages and their links, errors and their bodies, limits and their headers.</summary>
internal sealed class GitHubServer : IAsyncDisposable
{
    private const string Repository = "/api/v3/repos/example/shop";

    private readonly HttpListener listener = new();
    private readonly Task serving;

    public GitHubServer()
    {
        Uri = Listen();
        serving = ServeAsync();
    }

    public Uri Uri { get; }

    /// <summary>The open issues that bear the label; a pull request is one of them, as GitHub has it.</summary>
    public List<(int Number, string Title, bool IsPullRequest)> Issues { get; } = [];

    /// <summary>The label that the repository has.</summary>
    public string Label { get; set; } = "incident";

    /// <summary>Answers every request in place of the API; null where the API answers.</summary>
    public (int Status, string Body, (string Name, string Value)[] Headers)? Instead { get; set; }

    /// <summary>What was asked: the path with its query, and who asked.</summary>
    public List<(string Path, string? Authorization)> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private Uri Listen()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var uri = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        listener.Prefixes.Add(uri.ToString());
        listener.Start();
        return uri;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The listener was stopped.
                return;
            }

            Requests.Add((context.Request.RawUrl!, context.Request.Headers["Authorization"]));
            var (status, body, headers) = Instead ?? Answer(context.Request);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json; charset=utf-8";
            Array.ForEach(headers, header => context.Response.AddHeader(header.Name, header.Value));
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }

    private (int, string, (string, string)[]) Answer(HttpListenerRequest request) => request.Url!.AbsolutePath switch
    {
        $"{Repository}/issues" => Page(request),
        var path when Uri.UnescapeDataString(path) == $"{Repository}/labels/{Label}" => (200, JsonSerializer.Serialize(new { id = 1, name = Label, color = "ff0000" }), []),
        _ => (404, """{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}""", []),
    };

    private (int, string, (string, string)[]) Page(HttpListenerRequest request)
    {
        if (request.QueryString["state"] != "open" || request.QueryString["labels"] is not { } label)
        {
            return (422, """{"message":"Validation Failed"}""", []);
        }

        var size = int.Parse(request.QueryString["per_page"] ?? "30");
        var number = int.Parse(request.QueryString["page"] ?? "1");
        var found = label == Label ? Issues : [];
        var page = found.Skip((number - 1) * size).Take(size).Select(Issue);
        var link = found.Count > number * size ? ("Link", $"<{Uri}{Repository[1..]}/issues?state=open&labels={label}&per_page={size}&page={number + 1}>; rel=\"next\"") : default;

        return (200, $"[{string.Join(',', page)}]", link == default ? [] : [link]);
    }

    private static string Issue((int Number, string Title, bool IsPullRequest) issue) => JsonSerializer.Serialize(issue.IsPullRequest
        ? new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)new { url = "https://example.invalid/pulls/1" } }
        : new { number = issue.Number, title = issue.Title, state = "open", pull_request = (object?)null });
}

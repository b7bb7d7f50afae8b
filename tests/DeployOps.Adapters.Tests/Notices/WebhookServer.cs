using System.Collections.Concurrent;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.Notices;

/// <summary>Takes what is posted to it, and answers with the statuses it was given, the last one for ever.</summary>
internal sealed class WebhookServer : IDisposable
{
    private readonly LoopbackListener listener;

    public WebhookServer(params IReadOnlyList<int> statuses) => listener = new LoopbackListener(async request =>
    {
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        Posts.Enqueue(new Post(body.ToArray(), request.Headers.AllKeys.ToDictionary(name => name!, name => request.Headers[name]!, StringComparer.OrdinalIgnoreCase)));

        return new ServerAnswer(statuses[Math.Min(Posts.Count, statuses.Count) - 1], "") { Headers = [("Location", $"{Uri}/elsewhere")] };
    });

    public Uri Uri => new(listener.Uri, "hook");

    /// <summary>What was posted, in order.</summary>
    public ConcurrentQueue<Post> Posts { get; } = new();

    public void Dispose() => listener.Dispose();

    internal sealed record Post(byte[] Body, Dictionary<string, string> Headers);
}

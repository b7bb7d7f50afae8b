using System.Net;
using System.Net.Sockets;

namespace DeployOps.Adapters.Tests.Notices;

/// <summary>Takes what is posted to a free loopback port, and answers with the statuses it was given, the last one for ever.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Queue<int> statuses;
    private readonly Task serving;

    public WebhookServer(params IEnumerable<int> statuses)
    {
        this.statuses = new Queue<int>(statuses);
        Uri = Listen();
        serving = ServeAsync();
    }

    public Uri Uri { get; }

    public List<(string Path, byte[] Body, Dictionary<string, string> Headers)> Posts { get; } = [];

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
        var uri = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/hook");
        free.Stop();
        listener.Prefixes.Add($"{uri}/");
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

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            Posts.Add((context.Request.RawUrl!, body.ToArray(), context.Request.Headers.AllKeys.ToDictionary(name => name!, name => context.Request.Headers[name]!, StringComparer.OrdinalIgnoreCase)));
            context.Response.StatusCode = statuses.Count > 1 ? statuses.Dequeue() : statuses.Peek();
            if (context.Response.StatusCode is >= 300 and < 400)
            {
                context.Response.RedirectLocation = $"{Uri}/elsewhere";
            }

            context.Response.Close();
        }
    }
}

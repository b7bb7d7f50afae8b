using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployOps.Smoke;

/// <summary>A real HTTP server on a free loopback port, answering as a test says.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Func<SeenRequest, Reply> answer;

    private LoopbackServer(Func<SeenRequest, Reply> answer, int port)
    {
        this.answer = answer;
        Url = $"http://127.0.0.1:{port}";
        listener.Prefixes.Add($"{Url}/");
    }

    public string Url { get; }

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    public static LoopbackServer Start(Func<SeenRequest, Reply> answer)
    {
        // Another process may take a free port between its choice and its use.
        for (var tries = 0; ; tries++)
        {
            var server = new LoopbackServer(answer, FreePort());
            try
            {
                server.listener.Start();
                _ = server.ServeAsync();
                return server;
            }
            catch (HttpListenerException) when (tries < 10)
            {
                server.Dispose();
            }
        }
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
        var seen = new SeenRequest(
            request.HttpMethod,
            request.RawUrl!,
            request.Headers.AllKeys.ToDictionary(key => key!, key => request.Headers[key]!, StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        Seen.Enqueue(seen);
        var reply = answer(seen);
        try
        {
            await reply.Before;
            context.Response.StatusCode = reply.Status;
            foreach (var (name, value) in reply.Headers)
            {
                context.Response.Headers.Add(name, value);
            }

            var bytes = Encoding.UTF8.GetBytes(reply.Body);
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            context.Response.Abort();
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployOps.Adapters.Tests.Yarp;

/// <summary>A small HTTP server on a free loopback port; it answers each path from a function.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Func<string, (int Status, string Body)> answer;
    private readonly Task serving;

    public LocalServer(Func<string, (int Status, string Body)> answer)
    {
        this.answer = answer;
        Uri = Listen();
        serving = ServeAsync();
    }

    public Uri Uri { get; }

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

            var (status, body) = answer(context.Request.Url!.AbsolutePath);
            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }
}

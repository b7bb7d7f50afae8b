using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployOps.Tests.Shared;

/// <summary>An HTTP server on one loopback port until it is disposed; requests are answered side by side.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private const int Tries = 10;

    private readonly HttpListener _listener;
    private readonly Func<HttpListenerRequest, Task<ServerAnswer>> _answer;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Answers a request; what it throws is told to who asked, with status 500.</param>
    /// <param name="port">The port; null takes a free one.</param>
    public LoopbackListener(Func<HttpListenerRequest, Task<ServerAnswer>> answer, int? port = null)
    {
        _answer = answer;
        (_listener, Uri) = port is { } chosen ? Start(chosen) : StartAnywhere();
        _ = ServeAsync();
    }

    /// <summary>Starts one on a free port that answers each path from a function.</summary>
    public static LoopbackListener Of(Func<string, (int Status, string Body)> answer) => new(request =>
    {
        var (status, body) = answer(request.Url!.AbsolutePath);
        return Task.FromResult(new ServerAnswer(status, body));
    });

    /// <summary>Its address, with a slash at the end.</summary>
    public Uri Uri { get; }

    /// <summary>An address nobody listens at.</summary>
    public static Uri FreeAddress()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return AddressOf(((IPEndPoint)free.LocalEndpoint).Port);
    }

    public void Dispose() => _listener.Close();

    private static Uri AddressOf(int port) => new($"http://127.0.0.1:{port}/");

    private static (HttpListener Listener, Uri Uri) Start(int port)
    {
        var uri = AddressOf(port);
        var listener = new HttpListener { Prefixes = { uri.ToString() } };
        listener.Start();
        return (listener, uri);
    }

    // Another process may take a free port between its choice and its use.
    private static (HttpListener Listener, Uri Uri) StartAnywhere()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return Start(FreeAddress().Port);
            }
            catch (HttpListenerException) when (tries < Tries)
            {
                // Another one.
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => RespondAsync(context));
        }
    }

    private async Task RespondAsync(HttpListenerContext context)
    {
        try
        {
            var answer = await AnswerAsync(context.Request);
            var bytes = Encoding.UTF8.GetBytes(answer.Body);
            context.Response.StatusCode = answer.Status;
            Array.ForEach(answer.Headers, header => context.Response.AddHeader(header.Name, header.Value));
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // Who asked has gone away.
            context.Response.Abort();
        }
    }

    private async Task<ServerAnswer> AnswerAsync(HttpListenerRequest request)
    {
        try
        {
            return await _answer(request);
        }
        catch (Exception e)
        {
            return new ServerAnswer(500, e.ToString());
        }
    }
}

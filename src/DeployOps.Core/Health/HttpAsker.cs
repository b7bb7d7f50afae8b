using System.Net.Http.Headers;
using System.Net.Sockets;
using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>
/// Asks an address and always comes back: within its time, with a bounded body, and with an answer or the reason why there is none.
/// It follows no redirect, keeps no cookie and uses no proxy, so that what answers is what was asked; each ask opens a connection of its own,
/// since a kept one may end at an instance that no longer gets traffic.
/// </summary>
public sealed class HttpAsker : IDisposable
{
    private readonly HttpClient client;
    private readonly TimeProvider timeProvider;

    /// <summary>Makes an asker.</summary>
    /// <param name="timeProvider">Measures the time limits.</param>
    /// <param name="handler">What sends the requests; null for the network. It is disposed with the asker.</param>
    public HttpAsker(TimeProvider timeProvider, HttpMessageHandler? handler = null)
    {
        this.timeProvider = timeProvider;
        client = new HttpClient(handler ?? NetworkHandler(), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(new ProductHeaderValue("DeployOps-Probe")));
        client.DefaultRequestHeaders.CacheControl = new CacheControlHeaderValue { NoCache = true };
    }

    /// <summary>An address as it may be shown: without user, password and query, where secrets travel.</summary>
    public static string Show(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri.IsAbsoluteUri ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : uri.ToString();
    }

    /// <summary>Asks once.</summary>
    /// <param name="uri">The address.</param>
    /// <param name="timeout">How long the whole answer may take.</param>
    /// <param name="bodyLimit">How many bytes of the body are read.</param>
    /// <param name="cancellationToken">Gives up; unlike the time limit, this throws.</param>
    public async Task<HttpAnswer> GetAsync(Uri uri, TimeSpan timeout, int bodyLimit, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var (body, isCut) = await ReadAsync(response.Content, bodyLimit, either.Token);
            return new HttpAnswer { Status = (int)response.StatusCode, Body = body, IsCut = isCut };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new HttpAnswer { Error = $"no answer within {MetricText.Span(timeout)}" };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or NotSupportedException)
        {
            return Failed(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static SocketsHttpHandler NetworkHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
    };

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsCut)> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[Math.Min(81_920, limit + 1)];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return (body.ToArray(), false);
            }

            var room = limit - (int)body.Length;
            await body.WriteAsync(buffer.AsMemory(0, Math.Min(read, room)), cancellationToken);
            if (read > room)
            {
                return (body.ToArray(), true);
            }
        }
    }

    // The outermost message names the address again and "an error occurred"; the innermost says what happened.
    private static HttpAnswer Failed(Exception exception)
    {
        var cause = exception;
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause is SocketException socket
            ? new HttpAnswer { Error = Words(socket), IsRefused = socket.SocketErrorCode == SocketError.ConnectionRefused }
            : new HttpAnswer { Error = cause.Message };
    }

    private static string Words(SocketException socket) => socket.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.NoData => "its host is not known",
        SocketError.ConnectionReset => "connection reset",
        _ => socket.Message,
    };
}

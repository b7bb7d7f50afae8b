using System.Net;
using System.Net.Sockets;
using System.Text;
using DeployOps.Health;

namespace DeployOps.Core.Tests.Health;

public class HttpAskerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Each_ask_opens_a_connection_of_its_own()
    {
        await using var server = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
        using var asker = new HttpAsker(TimeProvider.System);

        for (var i = 0; i < 3; i++)
        {
            (await asker.GetAsync(server.Uri, Soon, 100, CancellationToken.None)).IsOk.ShouldBeTrue();
        }

        server.Connections.ShouldBe(3);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var good = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var server = new RawServer($"HTTP/1.1 302 Found\r\nLocation: {good.Uri}\r\nContent-Length: 0\r\n\r\n");
        using var asker = new HttpAsker(TimeProvider.System);

        var answer = await asker.GetAsync(server.Uri, Soon, 100, CancellationToken.None);

        answer.Words.ShouldBe("status 302");
        good.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_that_never_ends_is_given_up_at_its_time_or_its_limit()
    {
        await using var silent = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
        using var asker = new HttpAsker(TimeProvider.System);

        var late = await asker.GetAsync(silent.Uri, TimeSpan.FromMilliseconds(300), 100, CancellationToken.None);
        var cut = await asker.GetAsync(silent.Uri, Soon, 3, CancellationToken.None);

        late.Words.ShouldBe("no answer within 0.3 s");
        (cut.IsCut, Encoding.ASCII.GetString(cut.Body.Span)).ShouldBe((true, "beg"));
    }

    [Theory]
    [InlineData("not HTTP at all\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nshort", true)]
    [InlineData("", true)]
    public async Task An_answer_that_is_none_is_an_error_in_words(string text, bool close = false)
    {
        await using var server = new RawServer(text, close);
        using var asker = new HttpAsker(TimeProvider.System);

        var answer = await asker.GetAsync(server.Uri, Soon, 10_000, CancellationToken.None);

        answer.Status.ShouldBeNull();
        answer.Error.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void What_is_shown_of_an_address_holds_no_secret()
    {
        HttpAsker.Show(new Uri("https://user:secret@shop.example:8443/healthz?token=secret#secret")).ShouldBe("https://shop.example:8443/healthz");
    }

    /// <summary>Answers every request with the same bytes and counts connections.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stop = new();
        private readonly byte[] answer;
        private readonly bool close;
        private readonly Task serving;
        private int connections;

        public RawServer(string answer, bool close = false)
        {
            this.answer = Encoding.ASCII.GetBytes(answer);
            this.close = close;
            listener.Start();
            Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
            serving = AcceptAsync();
        }

        public Uri Uri { get; }

        public int Connections => connections;

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await serving;
            listener.Dispose();
            stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync(stop.Token);
                    Interlocked.Increment(ref connections);
                    open.Add(ServeAsync(client));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(open);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var owned = client;
            var stream = client.GetStream();
            var buffer = new byte[8192];
            try
            {
                while (await stream.ReadAsync(buffer, stop.Token) > 0)
                {
                    await stream.WriteAsync(answer, stop.Token);
                    if (close)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the asker hung up.
            }
        }
    }
}

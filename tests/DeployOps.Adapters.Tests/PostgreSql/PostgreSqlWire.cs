using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A network between a client and the server that can be cut, or go silent, when something is said on it.</summary>
internal sealed class PostgreSqlWire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closed = new();
    private readonly List<Task> relays = [];
    private readonly int server;
    private readonly Task accepting;
    private volatile bool isSilent;

    internal PostgreSqlWire(int server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Cuts the connection on which a client says this, once.</summary>
    internal string? CutsAt { get; set; }

    /// <summary>Whether the server hears it all the same.</summary>
    internal bool Delivers { get; set; }

    /// <summary>Whether every connection after the cut is refused.</summary>
    internal bool StaysDown { get; set; }

    internal string Over(string connectionString) => $"{connectionString};Port={Port};SSL Mode=Disable";

    /// <summary>From now on nothing gets through, and nobody is told.</summary>
    internal void GoSilent() => isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(relays).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!closed.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(closed.Token);
            relays.Add(RelayAsync(client));
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var own = client;
        if (StaysDown && CutsAt is null)
        {
            return;
        }

        using var other = new TcpClient();
        await other.ConnectAsync(IPAddress.Loopback, server, closed.Token);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
        var up = CopyAsync(own.GetStream(), other.GetStream(), isClient: true, cut);
        var down = CopyAsync(other.GetStream(), own.GetStream(), isClient: false, cut);
        await Task.WhenAny(up, down);
        if (Delivers && cut.IsCancellationRequested)
        {
            // The server does what it heard before it sees that nobody listens.
            await Task.Delay(TimeSpan.FromSeconds(1), closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await cut.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isClient, CancellationTokenSource cut)
    {
        var bytes = new byte[64 * 1024];
        int count;
        while ((count = await from.ReadAsync(bytes, cut.Token)) > 0)
        {
            if (isSilent)
            {
                await Task.Delay(Timeout.Infinite, cut.Token);
            }

            var cuts = isClient && CutsAt is { } words && Encoding.UTF8.GetString(bytes, 0, count).Contains(words, StringComparison.Ordinal);
            if (cuts)
            {
                CutsAt = null;
                await cut.CancelAsync();
            }

            if (!cuts || Delivers)
            {
                await to.WriteAsync(bytes.AsMemory(0, count), CancellationToken.None);
            }
        }
    }
}

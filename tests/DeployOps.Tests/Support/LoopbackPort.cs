using System.Net;
using System.Net.Sockets;

namespace DeployOps.Tests.Support;

/// <summary>Ports for servers that are started later, or again.</summary>
internal static class LoopbackPort
{
    // Below what the system gives to connections that go out, so that none of them takes the port of a server that is stopped for a while.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A port that nobody listens at.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DeployOps.Adapters.Tests.Notices;

/// <summary>A real SMTP server, aiosmtpd, on a free loopback port, which puts what it takes into a folder, and knows nobody whose address begins with "gone".</summary>
internal sealed class MailServer : IDisposable
{
    private const string Handler = """
        from aiosmtpd.handlers import Mailbox

        class Receivers(Mailbox):
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("gone"):
                    return "550 5.1.1 no such user here"
                envelope.rcpt_tos.append(address)
                return "250 OK"

        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-mail-");
    private readonly Process process;

    private MailServer(IEnumerable<string> options)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        File.WriteAllText(Path.Combine(folder.FullName, "receivers.py"), Handler.ReplaceLineEndings("\n"));
        var start = new ProcessStartInfo("aiosmtpd", ["-n", "-l", $"127.0.0.1:{Port}", .. options, "-c", "receivers.Receivers", Path.Combine(folder.FullName, "box")]) { UseShellExecute = false, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = folder.FullName;
        process = Process.Start(start)!;
    }

    public int Port { get; }

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<MailServer> StartAsync(params string[] options)
    {
        var server = new MailServer(options);
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server.Port);
                return server;
            }
            catch (SocketException)
            {
                server.process.HasExited.ShouldBeFalse("the mail server did not start");
                await Task.Delay(50);
            }
        }

        throw new TimeoutException("The mail server does not listen.");
    }

    /// <summary>The mails it took, as they came over the wire.</summary>
    public IReadOnlyList<string> Mails() => [.. Directory.GetFiles(Path.Combine(folder.FullName, "box", "new")).Select(File.ReadAllText)];

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        folder.Delete(recursive: true);
    }
}

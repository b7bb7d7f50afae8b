using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DeployOps.Adapters.Tests.Notices;

/// <summary>A real SMTP server, aiosmtpd, on a free loopback port, which puts what it takes into a folder.</summary>
internal sealed class MailServer : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-mail-");
    private readonly Process process;

    private MailServer(IEnumerable<string> options)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        process = Process.Start(new ProcessStartInfo("aiosmtpd", ["-n", "-l", $"127.0.0.1:{Port}", .. options, "-c", "aiosmtpd.handlers.Mailbox", Path.Combine(folder.FullName, "box")]) { UseShellExecute = false, RedirectStandardError = true })!;
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

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DeployOps.Tests.Shared;

/// <summary>
/// A database server of tests' or benchmarks' own. A shell stands between: it ends the server and removes its folder as soon as its standard input ends, which it does with this process,
/// however that ends. The servers refuse to run as root.
/// </summary>
internal static class ServerProcess
{
    private const string Guard = """
        "$@" </dev/null >"$LOG" 2>&1 & server=$!
        cat >/dev/null
        kill -"$SIGNAL" $server; wait $server 2>/dev/null; rm -rf "$FOLDER" "$LOG"
        """;

    private const string SharedMemory = "/dev/shm";

    // Several servers at once, their logs, and what is restored.
    private const long Room = 6L << 30;

    // A container may have less memory than its disk in memory says.
    private static readonly string? Memory =
        Directory.Exists(SharedMemory) && new DriveInfo(SharedMemory).AvailableFreeSpace >= Room && GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= 2 * Room ? SharedMemory : null;

    /// <summary>How long a server may take until it answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Where the data of a server may lie: in memory where there is room, since nothing of them outlives a test, and a file system is asked for thousands of files by every database that is made.
    /// </summary>
    internal static string NewFolder(string name) => Path.Combine(Memory ?? Path.GetTempPath(), $"deployops-{name}-{Guid.NewGuid():N}");

    /// <summary>Starts it; it ends with the standard input of what is returned.</summary>
    /// <param name="account">The account that it runs as where this process is root.</param>
    /// <param name="signal">What ends it: <c>INT</c>.</param>
    /// <param name="folder">Its folder; what it says goes to a file beside it, of that name and <c>.log</c>.</param>
    /// <param name="command">The server and its options.</param>
    internal static Process Start(string account, string signal, string folder, params string[] command)
    {
        var start = new ProcessStartInfo("sh", ["-c", Guard, "sh", .. As(account, command)]) { RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["FOLDER"] = folder;
        start.Environment["LOG"] = folder + ".log";
        start.Environment["SIGNAL"] = signal;
        return Process.Start(start)!;
    }

    /// <summary>Waits until it answers.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="ask">Asks it something.</param>
    /// <typeparam name="TFault">What that throws as long as it does not answer.</typeparam>
    /// <exception cref="InvalidOperationException">It did not in time; with what it said.</exception>
    internal static async Task ReadyAsync<TFault>(string folder, Func<Task> ask)
        where TFault : Exception
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(BetweenLooks))
        {
            try
            {
                await ask();
                return;
            }
            catch (TFault e) when (watch.Elapsed > Patience)
            {
                throw new InvalidOperationException($"The server did not start: {await File.ReadAllTextAsync(folder + ".log")}", e);
            }
            catch (TFault)
            {
                // Not yet.
            }
        }
    }

    /// <summary>Ends it and waits until it has ended.</summary>
    internal static async Task EndAsync(Process guard)
    {
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    /// <summary>Runs a command of the server's to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    internal static async Task RunAsync(string account, params string[] command)
    {
        var all = As(account, command);
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath() })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var words = await process.StandardError.ReadToEndAsync();
        words += await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {words}");
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string[] As(string account, string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={account}", $"--regid={account}", "--init-groups", .. command] : command;
}

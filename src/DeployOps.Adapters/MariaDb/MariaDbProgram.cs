using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DeployOps.Adapters.MariaDb;

/// <summary>A program of MariaDB's own: <c>mariadb-dump</c> or <c>mariadb</c>. What it connects to is in an option file, never in its arguments.</summary>
/// <param name="name">Its name; the system's path leads to it.</param>
internal sealed class MariaDbProgram(string name)
{
    private const int KeptLines = 20;
    private static readonly Regex VersionForm = new(@"(Distrib|from) (?<version>\d+\.\d+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>Finds one that goes with a server.</summary>
    /// <exception cref="DeployOpsException"><c>BackupToolMissing</c>; <c>BackupToolTooOld</c>, since an older one leaves out what it does not know.</exception>
    internal static async Task<MariaDbProgram> FindAsync(string name, Version server, CancellationToken cancellationToken)
    {
        var program = new MariaDbProgram(name);
        var version = await program.VersionAsync(cancellationToken);
        return version >= new Version(server.Major, server.Minor)
            ? program
            : throw new DeployOpsException(
                "BackupToolTooOld",
                FaultKind.InvalidOperation,
                $"{name} is of version {version}, the server of version {server.Major}.{server.Minor}.",
                $"Install the client programs of MariaDB {server.Major}.{server.Minor} or newer.")
            { Target = name };
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="feed">Writes what it reads; null where it reads nothing.</param>
    /// <param name="take">Reads what it writes.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="arguments">Its arguments, no secret among them.</param>
    /// <returns>Null where it succeeded, else its words.</returns>
    internal async Task<string?> RunAsync(Func<Stream, Task>? feed, Func<Stream, Task> take, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        using var process = Start(arguments);
        var words = new List<string>();
        var work = Task.WhenAll(KillAtFaultAsync(process, take(process.StandardOutput.BaseStream)), KillAtFaultAsync(process, FeedAsync(process, feed)), ReadWordsAsync(process.StandardError, words));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await work;
        return process.ExitCode == 0 ? null : Words(words, process.ExitCode);
    }

    // Nobody reads what it writes any more, or feeds it: it would wait for ever.
    private static async Task KillAtFaultAsync(Process process, Task work)
    {
        try
        {
            await work;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private async Task<Version> VersionAsync(CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        await RunAsync(null, stream => stream.CopyToAsync(output, CancellationToken.None), cancellationToken, "--no-defaults", "--version");
        return Version.TryParse(VersionForm.Match(Encoding.UTF8.GetString(output.ToArray())).Groups["version"].Value, out var version) ? version : throw Missing("it does not tell its version", null);
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Missing(e.Message, e);
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, Task>? feed)
    {
        try
        {
            await using var input = process.StandardInput.BaseStream;
            await (feed?.Invoke(input) ?? Task.CompletedTask);
        }
        catch (IOException)
        {
            // It ended before it had read everything, and what it says tells why; or what it should read could not be read.
            await process.WaitForExitAsync(CancellationToken.None);
            if (process.ExitCode == 0)
            {
                throw;
            }
        }
    }

    private static async Task ReadWordsAsync(StreamReader reader, List<string> words)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (words.Count < KeptLines && !string.IsNullOrWhiteSpace(line) && !line.StartsWith("---", StringComparison.Ordinal))
            {
                words.Add(line);
            }
        }
    }

    // "ERROR 1064 (42000) at line 33: …"; the statement itself may stand before it.
    private string Words(List<string> words, int exitCode)
    {
        var error = words.Find(line => line.Contains("ERROR", StringComparison.OrdinalIgnoreCase)) ?? words.FirstOrDefault();
        if (error is null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{name} ended with exit code {exitCode}");
        }

        var number = Regex.Match(error, @"(?i:error):? (?<number>\d+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking).Groups["number"];
        return $"{name}: {MariaDbErrors.SilencedOfDump(number.Success ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 0, error.Replace($"{name}: ", "", StringComparison.Ordinal)).TrimEnd('.')}";
    }

    private DeployOpsException Missing(string why, Exception? cause) => new(
        "BackupToolMissing",
        FaultKind.NotFound,
        $"{name} cannot be run: {why.TrimEnd('.')}.",
        "Install the client programs of MariaDB, of the server's version or newer, and put them on the path.",
        cause)
    { Target = name };
}

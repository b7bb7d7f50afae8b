using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>A program of PostgreSQL's own: <c>pg_dump</c> or <c>pg_restore</c>. What it connects to is in its environment, never in its arguments.</summary>
/// <param name="file">Its full path, or its name where the system's path leads to it.</param>
/// <param name="name">Its name.</param>
internal sealed class PostgreSqlTool(string file, string name)
{
    private const int KeptLines = 20;
    private static readonly Regex VersionForm = new(@"\) (?<major>\d+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>Finds the one that goes with a server: of the same major version where Debian's folders hold it, else what the system's path leads to.</summary>
    /// <exception cref="DeployOpsException"><c>BackupToolMissing</c>; <c>BackupToolTooOld</c>, since an older one leaves out what it does not know.</exception>
    internal static async Task<PostgreSqlTool> FindAsync(string name, int serverMajor, CancellationToken cancellationToken)
    {
        var beside = string.Create(CultureInfo.InvariantCulture, $"/usr/lib/postgresql/{serverMajor}/bin/{name}");
        var tool = new PostgreSqlTool(File.Exists(beside) ? beside : name, name);
        var major = await tool.MajorAsync(cancellationToken);
        return major >= serverMajor
            ? tool
            : throw new DeployOpsException(
                "BackupToolTooOld",
                FaultKind.InvalidOperation,
                $"{name} is of version {major}, the server of version {serverMajor}.",
                $"Install the client programs of PostgreSQL {serverMajor} or newer.")
            { Target = name };
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="environment">What it connects to.</param>
    /// <param name="output">Shown each line that it prints; null where it prints nothing of use.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="arguments">Its arguments, no secret among them.</param>
    /// <returns>Null where it succeeded, else its words.</returns>
    internal Task<string?> RunAsync(IReadOnlyDictionary<string, string?> environment, Action<string>? output, CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        RunAsync(environment, output, Nothing(), arguments, cancellationToken);

    /// <summary>Runs it to its end while it reads what it is given, as fast as it is given it.</summary>
    /// <param name="environment">What it connects to.</param>
    /// <param name="input">What it reads. Where that throws, it is killed, and the reason is thrown on.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="arguments">Its arguments, no secret among them.</param>
    /// <returns>Null where it succeeded, else its words.</returns>
    internal Task<string?> FeedAsync(IReadOnlyDictionary<string, string?> environment, IAsyncEnumerable<ReadOnlyMemory<byte>> input, CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        RunAsync(environment, null, input, arguments, cancellationToken);

    private async Task<string?> RunAsync(IReadOnlyDictionary<string, string?> environment, Action<string>? output, IAsyncEnumerable<ReadOnlyMemory<byte>> input, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(environment, arguments);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var words = new List<string>();
        var feeding = FeedAsync(process, input, over.Token);
        var reading = Task.WhenAll(
            ReadAsync(process.StandardOutput, output ?? (_ => { })),
            ReadAsync(process.StandardError, line => Keep(words, line)));
        try
        {
            var ending = process.WaitForExitAsync(cancellationToken);
            await await Task.WhenAny(feeding, ending);
            await ending;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            await over.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await reading;
        }

        return process.ExitCode == 0 ? null : Words(words, process.ExitCode);
    }

    private static async Task FeedAsync(Process process, IAsyncEnumerable<ReadOnlyMemory<byte>> input, CancellationToken token)
    {
        await using var into = process.StandardInput.BaseStream;
        await foreach (var block in input.WithCancellation(token))
        {
            try
            {
                await into.WriteAsync(block, token);
                await into.FlushAsync(token);
            }
            catch (IOException)
            {
                // It reads no more, and says why by itself.
                return;
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }

    private async Task<int> MajorAsync(CancellationToken cancellationToken)
    {
        var version = new StringBuilder();
        await RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal), line => version.Append(line), cancellationToken, "--version");
        return int.TryParse(VersionForm.Match(version.ToString()).Groups["major"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : throw Missing("it does not tell its version", null);
    }

    private Process Start(IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Missing(e.Message, e);
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } text)
        {
            line(text);
        }
    }

    private static void Keep(List<string> words, string line)
    {
        if (words.Count < KeptLines)
        {
            words.Add(line);
        }
    }

    // The first error is the reason; the lines behind it repeat statements and rows.
    private string Words(List<string> words, int exitCode)
    {
        var error = words.Find(line => line.Contains("error:", StringComparison.Ordinal)) ?? words.FirstOrDefault();
        return error is null
            ? string.Create(CultureInfo.InvariantCulture, $"{name} ended with exit code {exitCode}")
            : error.Replace($"{name}: error: ", $"{name}: ", StringComparison.Ordinal).TrimEnd('.');
    }

    private DeployOpsException Missing(string why, Exception? cause) => new(
        "BackupToolMissing",
        FaultKind.NotFound,
        $"{name} cannot be run: {why.TrimEnd('.')}.",
        "Install the client programs of PostgreSQL, of the server's version or newer, and put them on the path.",
        cause)
    { Target = name };
}

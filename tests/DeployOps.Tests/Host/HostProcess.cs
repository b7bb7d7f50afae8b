using System.Diagnostics;

namespace DeployOps.Tests.Host;

/// <summary>The built host, run as a person would: a process with its own streams.</summary>
internal static class HostProcess
{
    /// <summary>More than any of these scripts takes on a machine that has other work to do.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>The folder that holds the module's manifest.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    public static string HostAssembly { get; } = Path.Combine(
        RepositoryRoot,
        "src",
        "DeployOps.Host",
        "bin",
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug",
        "net10.0",
        "DeployOps.Host.dll");

    /// <summary>Runs the host to its end; standard input is empty.</summary>
    public static Task<HostResult> RunAsync(params string[] arguments) => RunAsync(_ => Task.CompletedTask, arguments);

    /// <summary>Runs the host to its end and does something meanwhile.</summary>
    public static async Task<HostResult> RunAsync(Func<Process, Task> meanwhile, params string[] arguments) =>
        await RunToEndAsync("dotnet", [HostAssembly, .. arguments], meanwhile);

    /// <summary>Runs the host on a terminal of its own, whose whole screen is the result's output.</summary>
    public static async Task<HostResult> RunOnTerminalAsync(Func<Process, Task> meanwhile, params string[] arguments)
    {
        var command = string.Join(' ', new[] { "dotnet", HostAssembly }.Concat(arguments).Select(word => $"'{word}'"));
        return await RunToEndAsync("script", ["-qec", $"stty cols 100 rows 30; {command}", "/dev/null"], meanwhile);
    }

    private static async Task<HostResult> RunToEndAsync(string program, IEnumerable<string> arguments, Func<Process, Task> meanwhile)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("NO_COLOR");
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await meanwhile(process);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            return new HostResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DeployOps.psd1")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("There is no DeployOps.psd1 above the tests.");
        }

        return folder.FullName;
    }
}

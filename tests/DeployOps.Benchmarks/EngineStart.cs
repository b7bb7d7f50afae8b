using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DeployOps.Benchmarks;

/// <summary>A process of its own that opens the engine, imports the module where it is told to, and ends.</summary>
internal static class EngineStart
{
    /// <summary>What tells such a process from the benchmarks.</summary>
    internal const string Argument = "engine";

    private static readonly string Program = Repository.File("tests/DeployOps.Benchmarks/bin/Release/net10.0/DeployOps.Benchmarks.dll");

    /// <summary>Starts one and waits for its end.</summary>
    internal static void InProcess(params string[] manifests)
    {
        using var process = Process.Start("dotnet", [Program, Argument, .. manifests]);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The engine's process ended with {process.ExitCode}.");
        }
    }

    /// <summary>What such a process does.</summary>
    internal static int Run(IEnumerable<string> manifests)
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        // The bare engine runs a command too: what its first pipeline costs is not the module's.
        using var first = PowerShell.Create(runspace).AddScript("1 | ForEach-Object { $_ }");
        first.Invoke();
        foreach (var manifest in manifests)
        {
            using var shell = PowerShell.Create(runspace).AddCommand("Import-Module").AddParameter("Name", manifest);
            shell.Invoke();
            if (shell.HadErrors)
            {
                Console.Error.WriteLine(shell.Streams.Error[0]);
                return 1;
            }
        }

        return 0;
    }
}

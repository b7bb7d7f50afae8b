using System.Management.Automation;
using System.Management.Automation.Runspaces;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace DeployOps.Benchmarks;

/// <summary>
/// The first thing a prompt pays: the engine and the module, each time in a process of its own, beside the bare engine.
/// Bar: the module adds 150 ms or less.
/// </summary>
[SimpleJob(RunStrategy.ColdStart, launchCount: 15, warmupCount: 0, iterationCount: 1, invocationCount: 1)]
public class ModuleImport
{
    [Benchmark(Baseline = true)]
    public void BareEngine()
    {
        using var runspace = Open();
    }

    [Benchmark]
    public void EngineAndModule()
    {
        using var runspace = Open();
        using var shell = PowerShell.Create(runspace).AddCommand("Import-Module").AddParameter("Name", Repository.File("DeployOps.psd1"));
        shell.Invoke();
        if (shell.HadErrors)
        {
            throw new InvalidOperationException($"The module does not import: {shell.Streams.Error[0]}");
        }
    }

    private static Runspace Open()
    {
        var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        // The bare engine runs a command too: what its first pipeline costs is not the module's.
        using var shell = PowerShell.Create(runspace).AddScript("1 | ForEach-Object { $_ }");
        shell.Invoke();

        return runspace;
    }
}

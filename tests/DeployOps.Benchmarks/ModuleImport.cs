using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace DeployOps.Benchmarks;

/// <summary>
/// The first thing a prompt pays: a process that opens the engine and imports the module, beside one that only opens the engine, which is compiled
/// ahead of time as the one within pwsh is. Bar: the module adds 150 ms or less.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 20, invocationCount: 1)]
public class ModuleImport
{
    [Benchmark(Baseline = true)]
    public void BareEngine() => EngineStart.InProcess();

    [Benchmark]
    public void EngineAndModule() => EngineStart.InProcess(Repository.File("DeployOps.psd1"));
}

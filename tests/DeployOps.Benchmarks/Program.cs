using BenchmarkDotNet.Running;
using DeployOps.Benchmarks;

if (args is [EngineStart.Argument, .. var manifests])
{
    return EngineStart.Run(manifests);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
return 0;

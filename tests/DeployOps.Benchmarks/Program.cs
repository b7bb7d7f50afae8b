using BenchmarkDotNet.Running;
using DeployOps.Benchmarks;
using DeployOps.Benchmarks.Migrations;

if (args is [EngineStart.Argument, .. var manifests])
{
    return EngineStart.Run(manifests);
}

if (args is [OurRun.Argument, var kind, var connectionString, var folder])
{
    await OurRun.TellAsync(kind, connectionString, folder);
    return 0;
}

if (args is [MigrationRace.Argument, .. var options])
{
    await MigrationRace.RunAsync(options);
    return Bar.ExitCode;
}

if (args is [AppendRace.Argument])
{
    await AppendRace.RunAsync();
    return Bar.ExitCode;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
return 0;

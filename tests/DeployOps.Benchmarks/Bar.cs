namespace DeployOps.Benchmarks;

/// <summary>What a figure is judged by. A bar that is missed ends the run with 1.</summary>
internal static class Bar
{
    /// <summary>0 as long as every bar was held.</summary>
    internal static int ExitCode { get; private set; }

    /// <summary>The word for it.</summary>
    internal static string Judge(bool holds)
    {
        ExitCode = holds ? ExitCode : 1;
        return holds ? "held" : "MISSED";
    }
}

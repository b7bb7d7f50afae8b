namespace DeployOps.Host;

/// <summary>Runs a runbook on the embedded engine, for machines without pwsh.</summary>
internal static class Program
{
    /// <summary>
    /// <c>DeployOps.Host [-NonInteractive] script.ps1 [-Name value ...]</c>
    /// </summary>
    /// <returns>
    /// 0; n for <c>exit n</c>; 1 after a terminating error; 64 where the command line is wrong;
    /// 130, 143 or 129 where SIGINT, SIGTERM or SIGHUP stopped the script.
    /// </returns>
    public static async Task<int> Main(string[] args)
    {
        using var terminal = new Terminal(TimeProvider.System);
        try
        {
            var options = HostOptions.Parse(args);
            var manifest = ModuleLocator.FindManifest(AppContext.BaseDirectory);
            using var signals = new StopSignals(terminal, TimeProvider.System);

            return await new ScriptRun(terminal, signals).RunAsync(options, manifest);
        }
        catch (UsageException exception)
        {
            terminal.WriteError(exception.Message + Environment.NewLine);
            return ExitCodes.Usage;
        }
    }
}

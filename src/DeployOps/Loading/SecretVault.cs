using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DeployOps.Loading;

/// <summary>Asks SecretManagement for a secret, in a runspace of its own, where that module is installed.</summary>
internal static class SecretVault
{
    private const string ModuleName = "Microsoft.PowerShell.SecretManagement";

    /// <summary>What reads a secret by name; null where SecretManagement is not installed.</summary>
    internal static Func<string, string?>? Find()
    {
        var paths = (Environment.GetEnvironmentVariable("PSModulePath") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return paths.Any(path => Directory.Exists(Path.Combine(path, ModuleName))) ? Read : null;
    }

    private static string? Read(string name)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleName]);
        using var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        var answer = shell.AddCommand("Get-Secret").AddParameter("Name", name).AddParameter("AsPlainText").AddParameter("ErrorAction", "Stop").Invoke();

        return answer.FirstOrDefault()?.BaseObject as string;
    }
}

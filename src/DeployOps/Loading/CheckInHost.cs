using System.Reflection;
using DeployOps.CheckIns;

namespace DeployOps.Loading;

/// <summary>The command by which a scheduler makes a check-in: with the program that runs now, be it pwsh or DeployOps.Host; elsewhere with the pwsh of the path.</summary>
internal static class CheckInHost
{
    /// <summary>The command for a window.</summary>
    internal static CheckInCommandLine For(string window, string home)
    {
        var script = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "..", "check-in.ps1"));
        return new CheckInCommandLine([.. Program(), script, "-Id", window], new Dictionary<string, string>(StringComparer.Ordinal) { ["DEPLOYOPS_HOME"] = home });
    }

    private static string[] Program()
    {
        var process = Environment.ProcessPath ?? "";
        var managed = Environment.GetCommandLineArgs()[0];
        return (Path.GetFileNameWithoutExtension(process), Path.GetFileNameWithoutExtension(managed)) switch
        {
            ("pwsh", _) => Pwsh(process),
            ("DeployOps.Host", _) => [process, "-NonInteractive"],
            (_, "DeployOps.Host") => [process, Path.GetFullPath(managed), "-NonInteractive"],
            _ => Pwsh("pwsh"),
        };
    }

    private static string[] Pwsh(string program) => [program, "-NoProfile", "-NonInteractive", "-File"];
}

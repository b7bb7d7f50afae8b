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
        return new CheckInCommandLine([.. Program(), script, "-Id", window], Variables(home));
    }

    // Where this process found .NET is not known to a scheduler, unless it is where installers put it.
    private static Dictionary<string, string> Variables(string home)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["DEPLOYOPS_HOME"] = home };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            variables["DOTNET_ROOT"] = root;
        }

        return variables;
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
            _ => Pwsh(OnPath("pwsh") ?? "pwsh"),
        };
    }

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string[] Pwsh(string program) => [program, "-NoProfile", "-NonInteractive", "-File"];
}

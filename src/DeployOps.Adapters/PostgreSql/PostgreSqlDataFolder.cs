using System.Globalization;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Where a server of this machine has its data, for accounts that it does not tell: its processes work in that folder, which only its own account and root may see, and its first
/// process was started with it (<c>-D</c>), which everybody may.
/// </summary>
internal static class PostgreSqlDataFolder
{
    private const string Parent = "PPid:";
    private const string Option = "-D";

    /// <summary>The folder; null where it is not known.</summary>
    /// <param name="pid">A process of the server.</param>
    internal static string? Of(int pid)
    {
        try
        {
            return WorkingFolder(pid) ?? Started(ParentOf(pid));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile, or the machine shows nobody's processes: then it is not known.
            return null;
        }
    }

    /// <summary>The folder that a server's command line names; null where it names none, or one that holds its settings alone.</summary>
    internal static string? Started(IReadOnlyList<string> words)
    {
        var at = words.ToList().FindIndex(word => word.StartsWith(Option, StringComparison.Ordinal));
        var folder = at < 0 ? null : words[at].Length > Option.Length ? words[at][Option.Length..] : words.ElementAtOrDefault(at + 1);
        return folder is null || !Path.IsPathFullyQualified(folder) || HoldsSettingsAlone(folder) ? null : folder;
    }

    private static string? WorkingFolder(int pid)
    {
        try
        {
            return File.ResolveLinkTarget(Process(pid, "cwd"), returnFinalTarget: false)?.FullName;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Started(int pid) => Started(File.ReadAllText(Process(pid, "cmdline")).Split('\0'));

    private static int ParentOf(int pid) => int.Parse(
        File.ReadLines(Process(pid, "status")).First(line => line.StartsWith(Parent, StringComparison.Ordinal))[Parent.Length..], NumberStyles.Integer, CultureInfo.InvariantCulture);

    // A folder of data is open to its account alone; one that can be looked into and holds no version is that of the settings, which name another.
    private static bool HoldsSettingsAlone(string folder)
    {
        try
        {
            return !Directory.EnumerateFiles(folder, "PG_VERSION").Any();
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string Process(int pid, string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}");
}

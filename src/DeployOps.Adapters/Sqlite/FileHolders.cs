using System.Globalization;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Names the programs that have a file open, as far as the system tells: on Linux, those of this account, and all of them to the system's administrator.</summary>
internal static class FileHolders
{
    private const string Processes = "/proc";

    /// <summary>Each once, such as <c>nightly-orders (process 4711)</c>, without this process; empty where nobody else is known to have it open.</summary>
    internal static IReadOnlyList<string> Of(string file) => !File.Exists($"{Processes}/self/stat") ? [] :
    [
        .. from folder in Directory.EnumerateDirectories(Processes)
           let name = Path.GetFileName(folder)
           where int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid != Environment.ProcessId
           where Holds(folder, file)
           select $"{Program(folder)} (process {name})",
    ];

    // A process may end while it is looked at, and another account's may not be looked at.
    private static bool Holds(string process, string file)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Any(link => new FileInfo(link).LinkTarget == file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Program(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "a program that has ended";
        }
    }
}

using System.Globalization;
using System.Text.Json;
using DeployOps.Journal;
using DeployOps.Windows.Homes;

namespace DeployOps.Windows.Locks;

/// <summary>What is told where <c>environment.json</c> is gone: by the journals and lock files beside it, what it has to say at least.</summary>
internal static class LostState
{
    private const string LockStart = "environment.";
    private const string LockEnd = ".lock";

    /// <summary>The refusal to go on without it; null where there are no windows, so that it never was.</summary>
    /// <exception cref="DeployOpsException"><c>HomeUnreadable</c>.</exception>
    internal static DeployOpsException? Of(string folder, string path)
    {
        var journals = HomeFolder.Folders(Path.Combine(folder, "windows")).Where(window => HomeFolder.Holds(window, JournalFile.FileName)).Select(window => Path.Combine(window, JournalFile.FileName)).ToList();
        if (journals.Count == 0)
        {
            return null;
        }

        var epochs = journals.ConvertAll(Epoch);
        var anew = epochs.Contains(null) ? "" : $" Without a copy, and once you know that nobody is at work there, write this into it: {Least(folder, epochs.Max()!.Value)}";
        return new DeployOpsException(
            "EnvironmentStateInvalid",
            FaultKind.Security,
            $"{path} is missing beside {journals.Count} window{(journals.Count == 1 ? "" : "s")}: it tells a run that was taken over from the present one.",
            $"Bring it back from a copy; its epoch must not be lower than the newest in the journals beside it.{anew}")
        { Target = path };
    }

    // The epoch never falls within a journal. Null where the log cannot be trusted.
    private static long? Epoch(string journal)
    {
        try
        {
            var reader = new JournalReader();
            reader.Read(File.ReadAllBytes(journal));
            return reader.Fault is null ? reader.Last?.Epoch ?? 0 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A lock file is named by the epoch at which an owner was last declared lost, and stays.
    private static string Least(string folder, long epoch)
    {
        var name = Directory.EnumerateFiles(folder, $"{LockStart}*{LockEnd}").Select(Path.GetFileName)
            .Select(file => long.TryParse(file.AsSpan(LockStart.Length, Math.Max(0, file!.Length - LockStart.Length - LockEnd.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0).Max();
        return JsonSerializer.Serialize(new LockState(Math.Max(epoch, name), name, null), JournalJson.Options);
    }
}

using System.Text.RegularExpressions;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>
/// The disk that a folder is on, also where this account may not look into it: then the nearest folder above it that can be asked tells, unless a disk of its own is mounted between the
/// two. Where folders lie beneath one that keeps this account out, a link among them is not seen.
/// </summary>
internal static class FolderDisk
{
    private const string Mounts = "/proc/self/mountinfo";
    private const int MountPoint = 4;
    private static readonly Regex Octal = new(@"\\(?<digits>[0-7]{3})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>What can be asked for the disk of a folder: it, or the nearest one above it on the same disk; null where none can.</summary>
    /// <param name="folder">The folder's full path. It need not be there.</param>
    internal static string? Find(string folder) => Find(folder, File.Exists(Mounts) ? File.ReadLines(Mounts) : []);

    /// <summary>The same, among these mounts.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="mounts">The lines of <c>/proc/self/mountinfo</c>: proc(5).</param>
    internal static string? Find(string folder, IEnumerable<string> mounts)
    {
        var mount = Mounted(folder, mounts);
        for (var part = folder; part is not null && IsWithin(part, mount); part = Path.GetDirectoryName(part))
        {
            if (Ask(part) is not null)
            {
                return part;
            }
        }

        return null;
    }

    /// <summary>The place at which the disk of a folder is mounted, links followed; the folder's root where mounts are not known.</summary>
    /// <param name="folder">A folder that is there.</param>
    internal static string MountOf(string folder)
    {
        var real = Real(folder);
        return Mounted(real, File.Exists(Mounts) ? File.ReadLines(Mounts) : []) is { Length: > 0 } mount ? mount : Path.GetPathRoot(real)!;
    }

    /// <summary>What is free on the disk of a folder that was found; null where it can be asked no longer.</summary>
    internal static FreeSpace? Ask(string folder)
    {
        try
        {
            var disk = new DriveInfo(folder);
            return disk.IsReady ? new FreeSpace(disk.AvailableFreeSpace, disk.TotalSize) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The last: a folder of another machine on Windows is on no drive of this one.
            return null;
        }
    }

    private static string Mounted(string folder, IEnumerable<string> mounts) =>
        mounts.Select(line => Plain(line.Split(' ')[MountPoint])).Where(point => IsWithin(folder, point)).MaxBy(point => point.Length) ?? "";

    // Each part of the path may be a link.
    private static string Real(string folder)
    {
        var real = Path.GetPathRoot(folder)!;
        foreach (var part in folder[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            try
            {
                real = Directory.ResolveLinkTarget(next, returnFinalTarget: true)?.FullName ?? next;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                real = next;
            }
        }

        return real;
    }

    private static bool IsWithin(string folder, string other) =>
        folder == other || folder.StartsWith(other.EndsWith('/') ? other : other + "/", StringComparison.Ordinal) || other.Length == 0;

    // A space in a name is written \040.
    private static string Plain(string point) => Octal.Replace(point, match => ((char)Convert.ToInt32(match.Groups["digits"].Value, 8)).ToString());
}

using System.Diagnostics;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>A disk of a few kilobytes, in memory, that really becomes full. Needs root on Linux.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"deployops-disk-{Guid.NewGuid():N}");

    /// <summary>Mounts one; skips the test where this account may not.</summary>
    public static SmallDisk Mount(int kilobytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has disks in memory.");
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", disk.Folder) is { } refusal)
        {
            Directory.Delete(disk.Folder);
            Assert.Skip($"This account may not mount a disk: {refusal}");
        }

        return disk;
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Dispose()
    {
        Run("umount", Folder).ShouldBeNull();
        Directory.Delete(Folder);
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var words = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : words.Trim();
    }
}

using System.ComponentModel;
using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace DeployOps.Journal;

/// <summary>Who owns a file. Only the system's administrator can give one away; for everybody else it is theirs.</summary>
internal static partial class FileOwner
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Whether this process may give files away, so that owners count when two folders are compared.</summary>
    internal static bool CanGive => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Gives a file that is about to take another one's place to whom that belongs.</summary>
    /// <param name="replacement">The full path of the new file, with its permissions.</param>
    /// <param name="path">The full path of the file whose place it takes.</param>
    /// <exception cref="IOException">It would belong to others than before, and they could not read it any more: who reads it now is left with nothing.</exception>
    internal static void Keep(string replacement, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var before = Of(path);
        Give(replacement, before);
        var after = Of(replacement);
        if ((after.Uid, after.Gid) != (before.Uid, before.Gid) && !IsReadByAll(after) && !(after.Gid == before.Gid && after.Mode.HasFlag(UnixFileMode.GroupRead)))
        {
            throw new IOException($"{path} belongs to {before.Uid}:{before.Gid}, and this account cannot leave it to them: run it as the administrator or as that account, or let the file's group be one of this account's.");
        }
    }

    /// <summary>Gives a file, a folder or a link itself to whom the archive says, where that is possible; who may not give it away gives it to the group, where this process is of it.</summary>
    /// <exception cref="IOException">The system refuses it.</exception>
    internal static void Give(string path, TarEntry entry)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (!CanGive)
        {
            // Where it is refused, the owner is told by whoever compares.
            _ = ChangeOwner(path, Unchanged, (uint)entry.Gid);
            return;
        }

        if (ChangeOwner(path, (uint)entry.Uid, (uint)entry.Gid) != 0)
        {
            throw new IOException($"{path} could not be given to {entry.Uid}:{entry.Gid}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    private static bool IsReadByAll(TarEntry entry) => entry.Mode.HasFlag(UnixFileMode.OtherRead);

    // Nothing in .NET tells a file's owner but an archive of it.
    private static TarEntry Of(string path)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(path, Path.GetFileName(path));
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry() ?? throw new IOException($"Whom {path} belongs to cannot be told.");
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}

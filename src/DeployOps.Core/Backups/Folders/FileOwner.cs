using System.ComponentModel;
using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace DeployOps.Backups.Folders;

/// <summary>Who owns a file. Only the system's administrator can give one away; for everybody else it is theirs.</summary>
internal static partial class FileOwner
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Whether this process may give files away, so that owners count when two folders are compared.</summary>
    internal static bool CanGive => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

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

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Journal;

/// <summary>The system calls that managed code does not report honestly: on Linux .NET 10's own flush returns normally when fsync fails.</summary>
internal static partial class NativeDisk
{
    private const int ReadOnly = 0;
    private const int ExclusiveWithoutWaiting = 2 | 4; // LOCK_EX | LOCK_NB
    private const int LockNoMore = 8; // LOCK_UN
    private const int FromThisFolder = -100; // AT_FDCWD
    private const int OfTheFileItself = 0x1000; // AT_EMPTY_PATH
    private const uint Inode = 0x100; // STATX_INO

    // statfs(2): ext2 to ext4, XFS, Btrfs, F2FS, ZFS, tmpfs, overlayfs.
    private static readonly uint[] OwnFileSystems = [0xEF53, 0x58465342, 0x9123683E, 0xF2F52010, 0x2FC12FC1, 0x01021994, 0x794C7630];

    /// <summary>Makes the file's content durable. Returns 0 or the system's error number.</summary>
    internal static int Sync(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            return FlushFileBuffers(file) ? 0 : Marshal.GetLastPInvokeError();
        }

        return FSync(file) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Makes the folder's entries durable. Returns 0 or the system's error number. Windows does it with the file.</summary>
    internal static int SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return 0;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Sync(handle);
    }

    /// <summary>
    /// Takes the file's lock (flock, exclusive, without waiting) where the system did not yet. Returns 0 or the system's error number:
    /// .NET takes the same lock when it opens a file that nothing is shared of, but goes on without it where the file system refuses.
    /// </summary>
    internal static int Lock(SafeFileHandle file) =>
        OperatingSystem.IsWindows() || FLock(file, ExclusiveWithoutWaiting) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Lets the file's lock go and keeps the file open. False where the system cannot, on Windows always: the lock goes with the file then.</summary>
    internal static bool Unlock(SafeFileHandle file) => !OperatingSystem.IsWindows() && FLock(file, LockNoMore) == 0;

    /// <summary>Whether the file lies on a file system that no other machine writes to. False where the system does not tell, which Linux alone does.</summary>
    internal static bool IsOfThisMachine(SafeFileHandle file) =>
        OperatingSystem.IsLinux() && FStatFS(file, out var status) == 0 && OwnFileSystems.Contains(status.Type);

    /// <summary>Which file is open. Null where the system does not tell, which Linux alone does.</summary>
    internal static FileIdentity? Identity(SafeFileHandle file) => Identity((int)file.DangerousGetHandle(), "", OfTheFileItself);

    /// <summary>Which file a path names. Null where it names none, or the system does not tell.</summary>
    internal static FileIdentity? Identity(string path) => Identity(FromThisFolder, path, 0);

    private static FileIdentity? Identity(int folder, string path, int flags)
    {
        try
        {
            return OperatingSystem.IsLinux() && StatX(folder, path, flags, Inode, out var status) == 0 ? new FileIdentity(status.Inode, status.MajorDevice, status.MinorDevice) : null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before it had this call.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FStatFS(SafeFileHandle file, out FileSystemStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(SafeFileHandle file);

    // struct statfs, of which the first four bytes alone mean the same on every processor; it is 120 bytes at most.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct FileSystemStatus
    {
        [FieldOffset(0)]
        internal readonly uint Type;
    }

    // struct statx, which is the same on every processor.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct FileStatus
    {
        [FieldOffset(32)]
        internal readonly ulong Inode;

        [FieldOffset(136)]
        internal readonly uint MajorDevice;

        [FieldOffset(140)]
        internal readonly uint MinorDevice;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Journal;

/// <summary>Writes that are on the disk when they return. A failed sync is never retried: the pages may already be marked clean.</summary>
public static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes what was written to the file durable.</summary>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void Sync(SafeFileHandle file, string path) => Check(NativeDisk.Sync(file), path);

    /// <summary>Makes the names in a folder durable, after a file was created, renamed or removed in it.</summary>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void SyncFolder(string folder) => Check(NativeDisk.SyncFolder(folder), folder);

    /// <summary>Makes a folder, and those above it that are missing, which its owner alone may enter. Their names are durable when this returns.</summary>
    /// <exception cref="DeployOpsException"><c>FolderUnusable</c>; <c>DiskSyncFailed</c>.</exception>
    public static void CreateFolder(string folder)
    {
        var missing = Missing(folder);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException(
                "FolderUnusable",
                FaultKind.Failed,
                $"The folder {folder} cannot be made: {e.Message}",
                "Check that the folder above it is one this account may write, and the disk's space; $env:DEPLOYOPS_HOME chooses another place.",
                e)
            { Target = folder };
        }

        missing.ForEach(made => SyncFolder(FolderOf(made)));
    }

    /// <summary>Makes a finished file durable, with its name.</summary>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void SyncFile(string path)
    {
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            Sync(file, path);
        }

        SyncFolder(FolderOf(path));
    }

    /// <summary>Replaces a file so that a reader, or the next start after a crash, sees the old content or the new, never a part.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of its content.</param>
    /// <param name="mode">Its permissions on Unix; null keeps those of the file it replaces, or makes it the owner's alone.</param>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        using var bytes = new MemoryStream(content.ToArray(), writable: false);
        Replace(path, bytes, mode);
    }

    /// <summary>Replaces a file that others read: it stays whose it is, with its permissions. It must exist.</summary>
    /// <exception cref="IOException">Who reads it now could not read it any more; it is as it was.</exception>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void ReplaceForItsReaders(string path, ReadOnlySpan<byte> content)
    {
        using var bytes = new MemoryStream(content.ToArray(), writable: false);
        Replace(path, bytes, mode: null, ready: replacement => FileOwner.Keep(replacement, path));
    }

    /// <summary>The same with a content of any length.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of its content, from where it is.</param>
    /// <param name="mode">Its permissions on Unix; null keeps those of the file it replaces, or makes it the owner's alone.</param>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    public static void Replace(string path, Stream content, UnixFileMode? mode = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        Replace(path, content, mode, ready: null);
    }

    private static void Replace(string path, Stream content, UnixFileMode? mode, Action<string>? ready)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(temporary, options))
            {
                content.CopyTo(file);
                if (!OperatingSystem.IsWindows())
                {
                    // Set afterwards, since the process' mask would take bits away at creation.
                    File.SetUnixFileMode(file.SafeFileHandle, mode ?? (File.Exists(path) ? File.GetUnixFileMode(path) : OwnerOnly));
                }

                Sync(file.SafeFileHandle, temporary);
            }

            if (ready is not null)
            {
                ready(temporary);
                using var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                Sync(file, temporary);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(FolderOf(path));
    }

    // From the outermost on: a folder is found after a power cut only where the one above it is.
    private static List<string> Missing(string folder)
    {
        var missing = new List<string>();
        for (var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)); path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Insert(0, path);
        }

        return missing;
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    private static void Check(int error, string path)
    {
        if (error != 0)
        {
            throw new DeployOpsException(
                "DiskSyncFailed",
                FaultKind.Failed,
                $"{path} could not be made durable: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).",
                "Check the disk's space and health, then run the same command again.");
        }
    }
}

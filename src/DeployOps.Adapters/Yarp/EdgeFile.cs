using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Adapters.Yarp;

/// <summary>Replaces a configuration file so that a reader sees the old or the new one whole, and so that the new one outlives a power cut.</summary>
internal static class EdgeFile
{
    /// <summary>Replaces the file's text; its mode stays, and a symbolic link goes on pointing to it.</summary>
    /// <exception cref="DeployOpsException"><c>RouterConfigurationNotWritten</c>: the file is as it was, unless only its folder could not be made durable.</exception>
    public static void Replace(string path, string text)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target)!;
        var scratch = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Write(scratch, target, text);
            File.Move(scratch, target, overwrite: true);
            SyncFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(scratch);
            throw new DeployOpsException(
                "RouterConfigurationNotWritten",
                FaultKind.Failed,
                $"The router's configuration {path} could not be replaced: {e.Message}",
                "Check the permissions and the free space of its folder.",
                e);
        }
    }

    private static void Write(string scratch, string target, string text)
    {
        using var stream = new FileStream(scratch, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 4096, FileOptions.WriteThrough);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
        }

        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        stream.Flush();
        if (!OperatingSystem.IsWindows())
        {
            Sync(stream.SafeFileHandle);
        }
    }

    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = new SafeFileHandle((nint)Native.Open(folder, 0), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw new IOException($"The folder {folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        Sync(handle);
    }

    // Managed code reports a failed fsync as a success on Linux.
    private static void Sync(SafeFileHandle handle)
    {
        if (Native.Sync(handle) != 0)
        {
            throw new IOException($"fsync failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Sync(SafeFileHandle handle);
    }
}

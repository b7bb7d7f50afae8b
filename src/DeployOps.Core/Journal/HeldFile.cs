using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Journal;

/// <summary>
/// A lock on a file that the system lets go when its process ends, however it ends.
/// Sharing nothing is what takes flock on Linux; sharing reads would let a second writer in.
/// </summary>
internal sealed class HeldFile : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    private readonly FileStream stream;
    private readonly SafeFileHandle handle;
    private readonly string path;
    private readonly FileIdentity? identity;

    private HeldFile(FileStream stream, string path)
    {
        this.stream = stream;
        this.path = path;
        // Asked for once: each time the stream goes to its position, which may fail.
        handle = stream.SafeFileHandle;
        // What another machine wrote to a disk that is shared is seen by who opens its files.
        identity = NativeDisk.IsOfThisMachine(handle) ? NativeDisk.Identity(handle) : null;
    }

    /// <summary>Takes the lock, or answers null where somebody else holds it.</summary>
    /// <exception cref="IOException">The file cannot be opened, or its file system has no locks.</exception>
    internal static HeldFile? TryTake(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var file = new FileStream(path, options);
            try
            {
                var error = NativeDisk.Lock(file.SafeFileHandle);
                return error == 0 ? new HeldFile(file, path) : throw new IOException($"{path} could not be locked: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    /// <summary>Takes the lock once it is free; null where it is not within the patience.</summary>
    /// <exception cref="IOException">As of <see cref="TryTake"/>.</exception>
    internal static async Task<HeldFile?> TakeAsync(string path, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (timeProvider.GetElapsedTime(start) >= patience)
            {
                return null;
            }

            await Task.Delay(Retry, timeProvider, cancellationToken);
        }
    }

    /// <summary>Lets it go for somebody else to take, with the file still open for <see cref="TryTakeAgain"/>. False where the system cannot: <see cref="Dispose"/> lets it go then.</summary>
    internal bool TryLetGo() => identity is not null && NativeDisk.Unlock(handle);

    /// <summary>Takes it again after <see cref="TryLetGo"/>. False where somebody else holds it.</summary>
    internal bool TryTakeAgain() => NativeDisk.Lock(handle) == 0;

    /// <summary>Whether its path still names this file: otherwise others hold another lock.</summary>
    internal bool IsInPlace() => NativeDisk.Identity(path) == identity;

    /// <summary>Lets it go.</summary>
    public void Dispose() => stream.Dispose();

    // Windows: ERROR_SHARING_VIOLATION. Unix: .NET reports EWOULDBLOCK of flock as its own error number (11 on Linux, 35 on macOS).
    private static bool IsHeld(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;
}

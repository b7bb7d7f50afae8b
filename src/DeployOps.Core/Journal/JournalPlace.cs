using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace DeployOps.Journal;

/// <summary>
/// The lock and the log of one journal, both taken for one append. Where the lock can be let go as an open file, they stay open from one append to the next: to open files costs more than to write
/// a record.
/// </summary>
internal sealed class JournalPlace : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(1);

    private readonly HeldFile held;
    private readonly string path;
    private FileStream? log;
    private SafeFileHandle? handle;
    private FileIdentity? identity;
    private long lookedAt;

    private JournalPlace(string folder, HeldFile held)
    {
        Folder = folder;
        this.held = held;
        path = Path.Combine(folder, JournalFile.FileName);
    }

    internal string Folder { get; }

    /// <summary>The log, made where it is not there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal FileStream Log
    {
        get
        {
            if (log is null)
            {
                log = Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
                handle = log.SafeFileHandle;
                identity = NativeDisk.Identity(handle);
            }

            return log;
        }
    }

    /// <summary>Makes what was written to the log durable.</summary>
    /// <exception cref="DeployOpsException"><c>DiskSyncFailed</c>.</exception>
    internal void Sync() => DurableFile.Sync(handle!, path);

    /// <summary>The name of the lock within the folder.</summary>
    internal static string LockPath(string folder) => Path.Combine(folder, "journal.lock");

    /// <summary>Takes the journal in a folder; null where somebody else has it.</summary>
    /// <exception cref="IOException">The lock cannot be opened, or its file system has no locks.</exception>
    internal static JournalPlace? TryTake(string folder) => HeldFile.TryTake(LockPath(folder)) is { } held ? new JournalPlace(folder, held) : null;

    /// <summary>Takes it again after <see cref="TryLetGo"/>. False where somebody else has it, and where the paths do not name these files any more.</summary>
    internal bool TryTakeAgain() => held.TryTakeAgain() && IsInPlace();

    /// <summary>Lets it go for others, with the files still open. False where they are not to stay so.</summary>
    internal bool TryLetGo() => held.TryLetGo();

    /// <summary>Opens a log, which others may read and write.</summary>
    /// <exception cref="IOException">It cannot be opened, or is no file that has positions.</exception>
    internal static FileStream Open(string path, FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        if (!file.CanSeek)
        {
            // It would be written from its beginning, whatever the position says.
            file.Dispose();
            throw new IOException($"the system gives no position in '{path}' (lseek fails, or it is no file).");
        }

        return file;
    }

    // Nothing of DeployOps replaces these files, and no person is that quick.
    private bool IsInPlace()
    {
        if (Stopwatch.GetElapsedTime(lookedAt) < BetweenLooks)
        {
            return true;
        }

        lookedAt = Stopwatch.GetTimestamp();
        return held.IsInPlace() && (log is null || (identity is not null && NativeDisk.Identity(path) == identity));
    }

    /// <summary>Lets it go, and closes the files.</summary>
    public void Dispose()
    {
        // What is closed before the lock is let go comes before what others write.
        try
        {
            log?.Dispose();
        }
        finally
        {
            held.Dispose();
        }
    }
}

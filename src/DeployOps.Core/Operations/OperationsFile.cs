using System.Globalization;
using DeployOps.Journal;

namespace DeployOps.Operations;

/// <summary>
/// The files of the operations log in a home: one a day, UTC, and another where one grows over 32 MiB; the newest 31 are kept. Several processes
/// append at once, each a whole line: a lock beside the files sees to that, since a file's sharing does not on Linux. Its owner alone may read them.
/// </summary>
/// <param name="folder">The folder they are in.</param>
/// <param name="time">The clock.</param>
public sealed class OperationsFile(string folder, TimeProvider time)
{
    /// <summary>In bytes.</summary>
    private const long Largest = 32 * 1024 * 1024;

    private const int Kept = 31;
    private const string Prefix = "operations-";
    private const string Ending = ".jsonl";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Appends a line, with its end.</summary>
    /// <exception cref="IOException">The file cannot be written, or another process keeps its lock.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not write it.</exception>
    /// <exception cref="DeployOpsException"><c>FolderUnusable</c>.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        DurableFile.CreateFolder(folder);
        using var held = Hold();
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(Current(line.Length), options);
        EndLine(file);
        file.Write(line);
    }

    private HeldFile Hold()
    {
        var path = Path.Combine(folder, "operations.lock");
        HeldFile? held = null;
        return SpinWait.SpinUntil(() => (held = HeldFile.TryTake(path)) is not null, Patience) ? held! : throw new IOException($"another process keeps {path}");
    }

    private string Current(int added)
    {
        var day = time.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{day}{(number == 1 ? "" : $"-{number}")}{Ending}"));
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                RemoveOldest();
                return path;
            }

            if (file.Length + added <= Largest)
            {
                return path;
            }
        }
    }

    // One is about to be made.
    private void RemoveOldest()
    {
        foreach (var old in new DirectoryInfo(folder).GetFiles($"{Prefix}*{Ending}").OrderByDescending(file => file.LastWriteTimeUtc).Skip(Kept - 1))
        {
            old.Delete();
        }
    }

    // What a full disk or a kill left of a line must not swallow the next one.
    private static void EndLine(FileStream file)
    {
        if (file.Length == 0)
        {
            return;
        }

        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n')
        {
            file.WriteByte((byte)'\n');
        }
    }
}

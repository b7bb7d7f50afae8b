using System.Text;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// What a program of MariaDB connects to, in a file that only its owner may read, in a folder of its own; gone with this, or, where this process was killed, with the next one that is
/// written on the machine. Other option files are not read.
/// </summary>
internal sealed class MariaDbOptionFile : IDisposable
{
    /// <summary>What the name of its folder begins with.</summary>
    internal const string Prefix = "deployops-client-";

    /// <summary>The file beside it that is locked as long as it is in use: of a process that was killed the system lets go of it.</summary>
    internal const string Mark = "in-use";

    // So long one may take from making its mark to locking it.
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(2);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory(Prefix);
    private readonly FileStream mark;

    private MariaDbOptionFile() => mark = new FileStream(Path.Combine(folder.FullName, Mark), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);

    /// <summary>The argument that names it; it has to be the first one.</summary>
    internal string Argument => $"--defaults-file={FilePath}";

    private string FilePath => Path.Combine(folder.FullName, "client.cnf");

    /// <summary>Writes it, and removes those that others left.</summary>
    internal static async Task<MariaDbOptionFile> WriteAsync(IEnumerable<(string Name, string? Value)> options, CancellationToken cancellationToken)
    {
        RemoveLeft();
        var file = new MariaDbOptionFile();
        try
        {
            var text = new StringBuilder("[client]\n");
            foreach (var (name, value) in options)
            {
                text.Append(name).Append(value is null ? "" : $"=\"{Escape(value)}\"").Append('\n');
            }

            var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var writer = new StreamWriter(file.FilePath, new UTF8Encoding(false), create);
            await writer.WriteAsync(text, cancellationToken);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mark.Dispose();
        if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RemoveLeft()
    {
        foreach (var left in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (new FileInfo(Path.Combine(left, Mark)) is { Exists: true, LinkTarget: null } mark && TimeProvider.System.GetUtcNow().UtcDateTime - mark.LastWriteTimeUtc > Young)
                {
                    mark.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                    Directory.Delete(left, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is in use, or another account's, or somebody else removes it at this moment.
            }
        }
    }

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
}

using System.Text;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What a program of MariaDB connects to, in a file that only its owner may read, in a folder of its own; gone with this. Other option files are not read.</summary>
internal sealed class MariaDbOptionFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-mariadb-");

    private MariaDbOptionFile()
    {
    }

    /// <summary>The argument that names it; it has to be the first one.</summary>
    internal string Argument => $"--defaults-file={FilePath}";

    private string FilePath => Path.Combine(folder.FullName, "client.cnf");

    /// <summary>Writes it.</summary>
    internal static async Task<MariaDbOptionFile> WriteAsync(IEnumerable<(string Name, string? Value)> options, CancellationToken cancellationToken)
    {
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
        if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
}

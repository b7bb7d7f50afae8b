namespace DeployOps.Migrations.Sql;

/// <summary>A file of SQL as it was approved: its name and its bytes.</summary>
/// <param name="Name">The file name without its folder.</param>
/// <param name="Content">Every byte of it.</param>
public sealed record SqlFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>What its name ends in, in any case.</summary>
    internal const string Extension = ".sql";

    /// <summary>Reads the <c>*.sql</c> files of one folder, not of its subfolders, by name.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFolderMissing</c>.</exception>
    public static async Task<IReadOnlyList<SqlFile>> ReadFolderAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new DeployOpsException(
                "SqlFolderMissing", FaultKind.NotFound, $"The folder {folder} does not exist.", "Create it or correct its path.")
            { Target = folder };
        }

        var files = new List<SqlFile>();
        foreach (var path in Directory.EnumerateFiles(folder).Where(IsSql).Order(StringComparer.Ordinal))
        {
            files.Add(new SqlFile(Path.GetFileName(path), await File.ReadAllBytesAsync(path, cancellationToken)));
        }

        return files;
    }

    /// <summary>Whether a name ends as a file of SQL does, in any case.</summary>
    internal static bool IsSql(string name) => name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);
}

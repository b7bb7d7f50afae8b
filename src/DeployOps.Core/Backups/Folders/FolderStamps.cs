namespace DeployOps.Backups.Folders;

/// <summary>Lengths and times of everything below a folder: cheap to take, and another after whatever writes there.</summary>
internal sealed class FolderStamps
{
    private readonly Dictionary<string, (long Length, DateTime Written)> stamps = new(StringComparer.Ordinal);

    private FolderStamps()
    {
    }

    /// <summary>Takes them.</summary>
    internal static FolderStamps Of(string folder)
    {
        var taken = new FolderStamps();
        foreach (var path in FolderArchive.Names(folder))
        {
            FileSystemInfo info = new FileInfo(Path.Combine(folder, path));
            taken.stamps[path] = (info is FileInfo { Exists: true } file ? file.Length : 0, info.LastWriteTimeUtc);
        }

        return taken;
    }

    /// <summary>The first name that was written, made or removed since, in words; null where none was.</summary>
    internal string? Change(FolderStamps later)
    {
        var written = stamps.Where(stamp => later.stamps.TryGetValue(stamp.Key, out var now) && now != stamp.Value).Select(stamp => $"{stamp.Key} was written");
        var removed = stamps.Keys.Except(later.stamps.Keys).Select(path => $"{path} was removed");
        var made = later.stamps.Keys.Except(stamps.Keys).Select(path => $"{path} was made");

        return written.Concat(removed).Concat(made).FirstOrDefault();
    }
}

using System.Formats.Tar;
using System.Security.Cryptography;
using DeployOps.Journal;

namespace DeployOps.Backups.Folders;

/// <summary>A folder as a tar file in the pax format, with modes, owners and links as they are; no link is followed.</summary>
internal static class FolderArchive
{
    private const string Root = ".";

    /// <summary>Writes what a folder holds to a stream, in the order of the names.</summary>
    internal static async Task WriteAsync(string folder, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        await writer.WriteEntryAsync(folder, Root, cancellationToken);
        foreach (var path in Names(folder))
        {
            await writer.WriteEntryAsync(Path.Combine(folder, path), path.Replace(Path.DirectorySeparatorChar, '/'), cancellationToken);
        }
    }

    /// <summary>What the archive holds, each content read and hashed.</summary>
    /// <exception cref="InvalidDataException">It is no archive of this kind, or holds what no folder of settings holds: a device, a pipe, a socket.</exception>
    internal static async Task<IReadOnlyList<FolderEntry>> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var entries = new List<FolderEntry>();
        await using var reader = new TarReader(stream, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            entries.Add(await ReadAsync(entry, cancellationToken));
        }

        return [.. entries.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    /// <summary>Makes a folder that holds what the archive holds, on the disk when it returns. It must not exist.</summary>
    internal static async Task ExtractAsync(Stream stream, string folder, CancellationToken cancellationToken)
    {
        var folders = new List<(string Path, TarEntry Entry)>();
        await using var reader = new TarReader(stream, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var path = PathIn(folder, entry.Name);
            switch (KindOf(entry))
            {
                case FolderEntryKind.Folder:
                    CreateClosed(path);
                    folders.Add((path, entry));
                    break;
                case FolderEntryKind.Link:
                    File.CreateSymbolicLink(path, entry.LinkName);
                    FileOwner.Give(path, entry);
                    break;
                default:
                    await ExtractFileAsync(entry, path, cancellationToken);
                    break;
            }
        }

        // Last, and from within: a folder that nobody may write takes no files any more.
        foreach (var (path, entry) in Enumerable.Reverse(folders))
        {
            DurableFile.SyncFolder(path);
            FileOwner.Give(path, entry);
            SetMode(path, entry);
        }
    }

    private static async Task ExtractFileAsync(TarEntry entry, string path, CancellationToken cancellationToken)
    {
        await using (var file = BackupFile.Create(path))
        {
            if (entry.DataStream is { } content)
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            await file.FlushAsync(cancellationToken);
            DurableFile.Sync(file.SafeFileHandle, path);
        }

        // The owner first: giving a file away takes its set-user bits.
        FileOwner.Give(path, entry);
        SetMode(path, entry);
        File.SetLastWriteTimeUtc(path, entry.ModificationTime.UtcDateTime);
    }

    // Closed to everybody else until its own mode is set: it may hold secrets.
    private static void CreateClosed(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void SetMode(string path, TarEntry entry)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, entry.Mode);
        }
    }

    private static async Task<FolderEntry> ReadAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        var kind = KindOf(entry);
        var content = kind switch
        {
            FolderEntryKind.Link => entry.LinkName,
            FolderEntryKind.File => Convert.ToHexStringLower(entry.DataStream is { } data ? await SHA256.HashDataAsync(data, cancellationToken) : SHA256.HashData([])),
            _ => "",
        };

        return new FolderEntry(
            entry.Name.TrimEnd('/'),
            kind,
            kind == FolderEntryKind.Link ? UnixFileMode.None : entry.Mode,
            $"{entry.Uid}:{entry.Gid}",
            kind == FolderEntryKind.File ? entry.Length : 0,
            content);
    }

    private static FolderEntryKind KindOf(TarEntry entry) => entry.EntryType switch
    {
        TarEntryType.RegularFile or TarEntryType.V7RegularFile => FolderEntryKind.File,
        TarEntryType.Directory => FolderEntryKind.Folder,
        TarEntryType.SymbolicLink => FolderEntryKind.Link,
        var other => throw new InvalidDataException($"'{entry.Name}' is neither a file nor a folder nor a symbolic link, but of the type {other}"),
    };

    // The archive is one's own, and vouched for by its hash; a name that leads out of the folder would all the same be nobody's.
    private static string PathIn(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name.TrimEnd('/')));
        return path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"'{name}' leads out of the folder");
    }

    /// <summary>Every name below a folder, relative to it, in order; no link is followed.</summary>
    internal static IEnumerable<string> Names(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = false, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        foreach (var info in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", options).OrderBy(info => info.Name, StringComparer.Ordinal))
        {
            yield return info.Name;
            if (info is DirectoryInfo && info.LinkTarget is null)
            {
                foreach (var below in Names(info.FullName))
                {
                    yield return Path.Combine(info.Name, below);
                }
            }
        }
    }
}

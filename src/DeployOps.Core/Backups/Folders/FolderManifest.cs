using System.Globalization;

namespace DeployOps.Backups.Folders;

/// <summary>A folder's backup that was proven to be restorable, with what it takes to notice a change of it later.</summary>
public sealed record FolderManifest
{
    /// <summary>The name of what is backed up.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of the folder it was taken of.</summary>
    public required string Folder { get; init; }

    /// <summary>The full path of the backup, a tar file.</summary>
    public required string File { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the file; 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What the folder held, by path.</summary>
    public required IReadOnlyList<FolderEntry> Entries { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>What it holds, in numbers.</summary>
    internal string Words => string.Create(CultureInfo.InvariantCulture, $"{Entries.Count(entry => entry.Kind == FolderEntryKind.File)} files, {Entries.Sum(entry => entry.Size)} bytes");

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Words}, {File}";
}

using System.Globalization;

namespace DeployOps.Backups.Folders;

/// <summary>One name below a folder, with everything that makes it what it is.</summary>
/// <param name="Path">Its path below the folder, with slashes; <c>.</c> is the folder itself.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Its permissions; of a link, 0, since they mean nothing.</param>
/// <param name="Owner">Its owner's and group's numbers, as <c>0:0</c>.</param>
/// <param name="Size">A file's length in bytes; 0 for the others.</param>
/// <param name="Content">A file's SHA-256, 64 hexadecimal digits; where a link leads; empty for a folder.</param>
public sealed record FolderEntry(string Path, FolderEntryKind Kind, UnixFileMode Mode, string Owner, long Size, string Content)
{
    /// <summary>How it differs from what is expected, in words; null where it is the same.</summary>
    /// <param name="found">What stands under the name now.</param>
    /// <param name="withOwner">Whether owners count.</param>
    internal string? Difference(FolderEntry found, bool withOwner) => this switch
    {
        _ when Kind != found.Kind => $"{Path} is a {Word(found.Kind)}, not a {Word(Kind)}",
        { Kind: FolderEntryKind.Link } when Content != found.Content => $"{Path} leads to {found.Content}, not to {Content}",
        _ when Size != found.Size => string.Create(CultureInfo.InvariantCulture, $"{Path} has {found.Size} bytes, not {Size}"),
        _ when Content != found.Content => $"{Path} has the same length and another content",
        _ when Mode != found.Mode => $"{Path} has mode {Octal(found.Mode)}, not {Octal(Mode)}",
        _ when withOwner && Owner != found.Owner => $"{Path} belongs to {found.Owner}, not to {Owner}",
        _ => null,
    };

    private static string Word(FolderEntryKind kind) => kind switch
    {
        FolderEntryKind.File => "file",
        FolderEntryKind.Folder => "folder",
        _ => "link",
    };

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8);
}

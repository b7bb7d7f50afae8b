namespace DeployOps.Backups.Folders;

/// <summary>What stands under a name in a folder.</summary>
public enum FolderEntryKind
{
    /// <summary>A file with content.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link; where it leads is kept, and not what is there.</summary>
    Link,
}

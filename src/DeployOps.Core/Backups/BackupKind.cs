namespace DeployOps.Backups;

/// <summary>What a backup is of.</summary>
public enum BackupKind
{
    /// <summary>A database.</summary>
    Database,

    /// <summary>A folder of settings.</summary>
    Folder,
}

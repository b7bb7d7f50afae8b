namespace DeployOps.Migrations.Imports;

/// <summary>What is known of a script that was applied before the database was taken in.</summary>
public enum AdoptionCheck
{
    /// <summary>The other tool's checksum is that of the script in the folder.</summary>
    Verified,

    /// <summary>The other tool kept no checksum: the script in the folder is taken for the one that ran.</summary>
    Recorded,

    /// <summary>Somebody says that the database has it.</summary>
    Baseline,

    /// <summary>There is no script of it in the folder, and none is asked for later.</summary>
    WithoutScript,
}

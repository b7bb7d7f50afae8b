namespace DeployOps.Adapters.Sqlite;

/// <summary>What a session may do with the file.</summary>
internal enum SqliteAccess
{
    /// <summary>Reads a live database and cannot change it.</summary>
    Read,

    /// <summary>Reads a file that nobody writes, such as a backup, without leaving anything beside it.</summary>
    ReadFrozen,

    /// <summary>Reads and writes a database that exists.</summary>
    Write,

    /// <summary>Reads and writes; a file that does not exist is made.</summary>
    Create,
}

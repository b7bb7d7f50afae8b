namespace DeployOps.Adapters.PostgreSql;

/// <summary>Where a copy of a database is made.</summary>
internal enum PostgreSqlCopyPlace
{
    /// <summary>On the database's own server, in that one's own tablespace; what has a tablespace of its own keeps it.</summary>
    Beside,

    /// <summary>The same, in the database's tablespace, whose place it takes.</summary>
    TakesPlace,

    /// <summary>On another server, all in one tablespace.</summary>
    Elsewhere,
}

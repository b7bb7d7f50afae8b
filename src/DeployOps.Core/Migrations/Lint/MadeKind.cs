namespace DeployOps.Migrations.Lint;

/// <summary>What a run knows of a table.</summary>
internal enum MadeKind
{
    /// <summary>When the run created the table itself.</summary>
    Table,

    /// <summary>When that table ends with the script's session.</summary>
    Temporary,

    /// <summary>When that table ends with the transaction.</summary>
    UntilCommit,

    /// <summary>When the run created a domain of that name, which no table bears.</summary>
    Domain,

    /// <summary>When the run added a column to it.</summary>
    Column,

    /// <summary>When the run made an index on it.</summary>
    Index,

    /// <summary>When the run gave it a CHECK by name.</summary>
    Check,

    /// <summary>When the run made a column of it NOT NULL.</summary>
    NotNull,
}

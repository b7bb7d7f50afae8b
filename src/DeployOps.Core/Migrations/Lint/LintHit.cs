using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Where a rule applies within a statement.</summary>
/// <param name="Table">The table it is about; null where none is named.</param>
internal sealed record LintHit(SqlName? Table = null)
{
    /// <summary>What the database is asked about where that is no table: an index, which weighs what its table does.</summary>
    internal SqlName? Subject { get; init; }

    /// <summary>The other table that decides whether the rows fit, such as the one a foreign key points at.</summary>
    internal SqlName? Other { get; init; }

    /// <summary>A query whose rows would make the statement fail.</summary>
    internal string? Probe { get; init; }

    /// <summary>Another line than the statement's.</summary>
    internal int? Line { get; init; }
}

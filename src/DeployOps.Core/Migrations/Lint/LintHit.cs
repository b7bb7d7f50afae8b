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

    /// <summary>A table of the same name that the run made, with a schema where this one has none, or without: the same one, where the database has neither.</summary>
    internal SqlName? Namesake { get; init; }

    /// <summary>What is taken away, of which the database is asked what uses it.</summary>
    internal LostObject? Lost { get; init; }

    /// <summary>Whether the run has taken away or made anew what uses it, before the statement.</summary>
    internal Func<ObjectUse, bool> IsGone { get; init; } = _ => false;

    /// <summary>Whether a statement before it may have, of which nobody can tell here what it does.</summary>
    internal bool MayBeGone { get; init; }

    /// <summary>The column of the table that no index of the run begins with: the finding holds where none of the table's does either.</summary>
    internal string? Unindexed { get; init; }

    /// <summary>A query whose rows would make the statement fail.</summary>
    internal string? Probe { get; init; }

    /// <summary>Another line than the statement's.</summary>
    internal int? Line { get; init; }
}

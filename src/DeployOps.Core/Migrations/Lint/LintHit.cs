using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Where a rule applies within a statement.</summary>
/// <param name="Table">The table it is about; null where none is named.</param>
internal sealed record LintHit(SqlName? Table = null)
{
    /// <summary>A query whose rows would make the statement fail.</summary>
    internal string? Probe { get; init; }

    /// <summary>Another weight than the rule's.</summary>
    internal LintSeverity? Severity { get; init; }

    /// <summary>Another line than the statement's.</summary>
    internal int? Line { get; init; }
}

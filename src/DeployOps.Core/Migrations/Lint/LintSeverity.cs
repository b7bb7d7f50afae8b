namespace DeployOps.Migrations.Lint;

/// <summary>How much a finding weighs.</summary>
public enum LintSeverity
{
    /// <summary>It may be meant so; somebody ought to look.</summary>
    Warning,

    /// <summary>It would hurt a busy database or lose data: migrations of PostgreSQL and MariaDB are refused with one that is not allowed.</summary>
    Error,
}

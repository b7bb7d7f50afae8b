using DeployOps.Migrations.Lint.Rules;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>All rules.</summary>
internal static class LintCatalogue
{
    private static readonly IReadOnlyList<LintRule> All =
    [
        .. LockRules.All, .. ConstraintRules.All, .. RewriteRules.All, .. DestructionRules.All, .. CompatibilityRules.All, .. UseRules.All, .. EnvironmentRules.All, .. MariaDbRules.All,
        .. MariaDbDataRules.All, .. MariaDbSessionRules.All,
    ];

    /// <summary>The rules of a dialect.</summary>
    internal static IReadOnlyList<LintRule> Of(SqlDialect dialect) => [.. All.Where(rule => rule.Dialects.Contains(dialect))];
}

using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>Lays one script, or several of one run, under the linter.</summary>
internal static class LintBench
{
    internal static IReadOnlyList<LintFinding> Check(string sql, SqlDialect dialect = SqlDialect.PostgreSql) => new MigrationLinter(dialect).Check([Script(sql)]);

    internal static Task<IReadOnlyList<LintFinding>> CheckAsync(string sql, ITableCatalog catalog, SqlDialect dialect = SqlDialect.PostgreSql) => new MigrationLinter(dialect).CheckAsync([Script(sql)], catalog, CancellationToken.None);

    /// <summary>The findings as <c>RULE name</c>.</summary>
    internal static IReadOnlyList<string> Names(string sql, SqlDialect dialect = SqlDialect.PostgreSql) => [.. Check(sql, dialect).Select(Name)];

    internal static string Name(LintFinding finding) => $"{finding.Rule} {finding.Name}";

    internal static MigrationScript Script(string sql, string name = "V1__a.sql") => MigrationFolder.Parse(
    [
        new SqlFile(name, Encoding.UTF8.GetBytes(sql)),
        .. name[0] == 'U' ? [new SqlFile($"V{name[1..]}", Array.Empty<byte>())] : Array.Empty<SqlFile>(),
    ]).Single(script => script.FileName == name);
}

using System.Management.Automation;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Looks at migration scripts for what would hurt a database in use: locks, rewrites, lost data, names that the running version still uses.</summary>
/// <remarks>
/// Nothing runs and no database is asked. Each finding names its rule, the statement with its line, what would happen and the safe way to write it. A comment
/// -- deployops: allow LCK002 reason="…" directly before a statement allows a rule for it; -- deployops: destructive reason="…" allows to lose data. What is allowed is
/// emitted too, with its reason. A folder's scripts are looked at each for itself: what a script creates it may change without harm, what an earlier one created is in use.
/// </remarks>
/// <example>
/// <code>Test-DbMigration ./migrations -Kind PostgreSql | Where-Object Refuses</code>
/// <para>Shows the findings for which a migration would be refused.</para>
/// </example>
/// <example>
/// <code>'scripts/V2_4_0__orders.sql', 'scripts/V2_4_1__lines.sql' | Test-DbMigration -Kind MariaDb | ForEach-Object Advice</code>
/// <para>Shows the safe way to write what was found in two scripts.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "DbMigration")]
[OutputType(typeof(LintFinding))]
public sealed class TestDbMigrationCommand : DeploymentCommand
{
    /// <summary>A folder with V…__name.sql and U…__name.sql scripts, or one such script.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "Migrations")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The kind of database the scripts are for.</summary>
    [Parameter(Mandatory = true)]
    public SqlDialect Kind { get; set; }

    private protected override async Task ProcessAsync()
    {
        foreach (var finding in await LintFiles.CheckAsync(FullPath(Path), Kind, Token))
        {
            await EmitAsync(finding);
        }
    }
}

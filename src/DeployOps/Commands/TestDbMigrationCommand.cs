using System.Management.Automation;
using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Looks at migration scripts for what would hurt a database in use: locks, rewrites, lost data, names that the running version still uses.</summary>
/// <remarks>
/// Nothing runs, and no database is asked unless -ConnectionString names one. Each finding names its rule, the statement with its line, what would happen and the safe way to write it. A comment
/// -- deployops: allow LCK002 reason="…" directly before a statement allows a rule for it; -- deployops: destructive reason="…" allows to lose data. What is allowed is
/// emitted too, with its reason. A folder's scripts are looked at each for itself: what a script creates it may change without harm, what an earlier one created is in use.
/// Two scripts of one version and an undo script of none are SEQ001, a folder without undo scripts is RLB001.
/// With -ConnectionString the pending scripts of a folder are looked at as they would be applied one after another, by what that database knows, reading only: how large and how busy its tables are, which views, keys,
/// triggers, policies and functions use what is dropped or changed (INC001), whether a foreign key has an index (IDX001), whether its rows would make a statement fail (DAT001), and how its history fits
/// the folder (SEQ001).
/// </remarks>
/// <example>
/// <code>Test-DbMigration ./migrations -Kind PostgreSql | Where-Object Refuses</code>
/// <para>Shows the findings for which a migration would be refused.</para>
/// </example>
/// <example>
/// <code>'scripts/V2_4_0__orders.sql', 'scripts/V2_4_1__lines.sql' | Test-DbMigration -Kind MariaDb | ForEach-Object Advice</code>
/// <para>Shows the safe way to write what was found in two scripts.</para>
/// </example>
/// <example>
/// <code>Test-DbMigration ./scripts -Kind Sqlite -ConnectionString 'Data Source=legacy.db'</code>
/// <para>Looks at the scripts that are not applied yet, by what the database knows.</para>
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

    /// <summary>The ADO.NET connection string of a database that is asked, reading only, what it knows; a relative file in it starts at the current location. Path is a folder then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    private protected override async Task ProcessAsync()
    {
        foreach (var finding in ConnectionString is null ? await LintFiles.CheckAsync(FullPath(Path), Kind, Token) : await AskAsync(ConnectionString))
        {
            await EmitAsync(finding);
        }
    }
    private async Task<IReadOnlyList<LintFinding>> AskAsync(string connectionString)
    {
        var spec = new DatabaseSpec { Name = "database", Kind = $"{Kind}", ConnectionString = connectionString, Migrations = FullPath(Path), BaseFolder = FullPath(".") };
        await using var database = DatabaseMigrator.Open(Ports, spec);
        return await new DatabaseLinter(database, spec, Reporter, Ports.TimeProvider) { Redact = Ports.Redactor.Redact }.CheckAsync(Token);
    }
}

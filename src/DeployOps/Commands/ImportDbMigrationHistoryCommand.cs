using System.Management.Automation;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Sql;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Takes in a database that was migrated before: at a version, or by the history that Flyway, DbUp or Evolve left in it.</summary>
/// <remarks>
/// No script runs. What is in effect is written into the history that Invoke-DbMigration reads, all of it or nothing, and only into a database that has none. By -Baseline every script
/// of the folder up to the version counts as applied. By -From the other tool's table is read once and not changed: Flyway's and Evolve's checksums are compared with the scripts, and a
/// script of another text is refused; DbUp keeps names alone, by which its scripts are found. A script that is older than all in the folder is recorded without one; a repeatable script
/// whose text is another now runs again at the next migration. -WhatIf shows what would be written, and what the next migration would apply.
/// </remarks>
/// <example>
/// <code>Import-DbMigrationHistory ./scripts -Kind Sqlite -ConnectionString 'Data Source=legacy.db' -Baseline 2.4.0 -WhatIf</code>
/// <para>Shows what would be recorded of a database that has everything up to version 2.4.0.</para>
/// </example>
/// <example>
/// <code>Import-DbMigrationHistory ./scripts -Kind Sqlite -ConnectionString 'Data Source=legacy.db' -From Flyway | ForEach-Object Scripts</code>
/// <para>Takes Flyway's history over and shows each script with what was compared.</para>
/// </example>
[Cmdlet(VerbsData.Import, "DbMigrationHistory", DefaultParameterSetName = ToolSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(HistoryImport))]
public sealed class ImportDbMigrationHistoryCommand : DeploymentCommand
{
    private const string ToolSet = "Tool";
    private const string BaselineSet = "Baseline";

    /// <summary>The folder with V…__name.sql, U…__name.sql and R__name.sql scripts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "Migrations")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The kind of database: Sqlite, PostgreSql or MariaDb.</summary>
    [Parameter(Mandatory = true)]
    public SqlDialect Kind { get; set; }

    /// <summary>The ADO.NET connection string; a relative file in it starts at the current location.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string ConnectionString { get; set; } = "";

    /// <summary>The tool whose history is taken over.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToolSet)]
    public MigrationTool From { get; set; }

    /// <summary>The tool's table, with its schema, of MariaDB its database, before a point where it is not found without. Default flyway_schema_history, schemaversions or changelog.</summary>
    [Parameter(ParameterSetName = ToolSet)]
    [ValidateNotNullOrEmpty]
    public string? Table { get; set; }

    /// <summary>The version that the database has, such as 2.4.0.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BaselineSet)]
    [ValidateNotNullOrEmpty]
    public string Baseline { get; set; } = "";

    private protected override async Task ProcessAsync()
    {
        var adoption = new DatabaseAdoption(Ports, new DatabaseSpec
        {
            Name = "database",
            Kind = Kind.ToString(),
            ConnectionString = ConnectionString,
            Migrations = FullPath(Path),
            BaseFolder = FullPath("."),
        });
        var planned = ParameterSetName == BaselineSet ? await adoption.PlanBaselineAsync(Baseline, Token) : await adoption.PlanImportAsync(From, Table, Token);
        var isWanted = await ShouldProcessAsync($"database: no version -> {planned.Version ?? "no version"}", $"Record {planned.Scripts.Count} scripts of {planned.Source} as applied");
        await EmitAsync(isWanted ? await adoption.WriteAsync(planned, Token) : planned);
    }
}

using System.Management.Automation;
using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.Completion;
using DeployOps.Migrations;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Backs up databases and folders of settings without a window, and proves each backup by restoring it into a scratch place and comparing.</summary>
/// <remarks>
/// Given a plan, it backs up every database and every folder that the plan names. Beside each backup lies its proof, a file that Restore-DeploymentBackup
/// needs; keep the two together. A folder in which a file changes while it is read is refused, since its backup would hold a part of the change.
/// Backups are readable by their owner alone.
/// </remarks>
/// <example>
/// <code>New-DeploymentBackup ./plan.psd1 ./backups</code>
/// <para>Backs up what the plan names and emits a DeploymentBackup for each.</para>
/// </example>
/// <example>
/// <code>New-DeploymentBackup -Kind Sqlite -ConnectionString 'Data Source=shop.db' -Name shop -Destination ./backups</code>
/// <para>Backs up one database without a plan.</para>
/// </example>
/// <example>
/// <code>New-DeploymentBackup -Folder ./settings -Destination ./backups -WhatIf</code>
/// <para>Shows what the backup of a folder would be called.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "DeploymentBackup", DefaultParameterSetName = PlanSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DeploymentBackup))]
public sealed class NewDeploymentBackupCommand : DeploymentCommand
{
    private const string PlanSet = "Plan";
    private const string DatabaseSet = "Database";
    private const string FolderSet = "Folder";

    /// <summary>The plan file, a .psd1, whose databases and folders are backed up.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PlanSet)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The folder in which the backups are put; it is made where it is not there.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The kind of database: Sqlite, PostgreSql or MariaDb.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatabaseSet)]
    [ArgumentCompleter(typeof(DatabaseKindCompleter))]
    public string Kind { get; set; } = "";

    /// <summary>The ADO.NET connection string; a relative file in it starts at the current location.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Of PostgreSql: the connection string, to any database, of a server on which the backup is restored to prove it. Where it is not given, the database's own server is used where twice the
    /// size is known to be free there; where nobody knows, the backup is not proven. In a plan: Databases.Scratch.
    /// </summary>
    [Parameter(ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string? Scratch { get; set; }

    /// <summary>The folder that is backed up.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string Folder { get; set; } = "";

    /// <summary>What the backup is called: letters, digits, '.', '_' and '-', at most 64. The folder's own name, or database, where it is not given.</summary>
    [Parameter(ParameterSetName = DatabaseSet)]
    [Parameter(ParameterSetName = FolderSet)]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    public string? Name { get; set; }

    private protected override async Task ProcessAsync()
    {
        var desk = new BackupDesk(Ports, Reporter);
        var (databases, folders) = Sources(desk);
        var destination = FullPath(Destination);
        foreach (var database in databases)
        {
            await BackUpAsync(desk.Plan(database, destination), planned => desk.TakeAsync(database, planned, Token));
        }

        foreach (var folder in folders)
        {
            await BackUpAsync(desk.Plan(folder, destination), planned => desk.TakeAsync(folder, planned, Token));
        }
    }

    private (IReadOnlyList<DatabaseSpec> Databases, IReadOnlyList<ConfigurationSpec> Folders) Sources(BackupDesk desk) => ParameterSetName switch
    {
        DatabaseSet => ([new DatabaseSpec { Name = Name ?? "database", Kind = Kind, ConnectionString = ConnectionString, Scratch = Scratch, BaseFolder = FullPath(".") }], []),
        FolderSet => ([], [new ConfigurationSpec(Name ?? NameOf(FullPath(Folder)), FullPath(Folder))]),
        _ => desk.OfPlan(FullPath(Path)),
    };

    private async Task BackUpAsync(DeploymentBackup planned, Func<DeploymentBackup, Task<DeploymentBackup>> take) =>
        await EmitAsync(await ShouldProcessAsync($"{planned.Name}: {planned.Summary}", $"Back up to {planned.File}") ? await take(planned) : planned);

    // The root of a disk has no name of its own.
    private static string NameOf(string folder) => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } name ? name : "folder";
}

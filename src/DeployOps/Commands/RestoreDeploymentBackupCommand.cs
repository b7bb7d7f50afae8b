using System.Management.Automation;
using DeployOps.Backups;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Puts a backup back without a window: a database, or a folder of settings.</summary>
/// <remarks>
/// The backup is restored only while it is what was proven when it was taken. What the target holds that the backup does not is told first and lost by
/// restoring; where that is anything, it wants -AcceptDataLoss, or a typed yes: Enter alone is a no. Nobody may write to the target meanwhile: stop what uses it first.
/// What is written to a database while the copy that takes its place is filled was not named; it is counted again once nobody can write any more, and where that is more than was
/// named, the database stays as it is (RestoreLosesMore), and who is connected to it is named. MariaDB cannot keep everybody out: there what came at the last moment is kept with all that was replaced, and named.
/// With -AcceptDataLoss that is lost too and told, so that nobody who goes on writing keeps it from being restored.
/// The backups that a window took can be restored too; to go back from a release, use Invoke-Rollback, which does the rest as well. It always asks;
/// where nobody can answer, give -Confirm:$false.
/// </remarks>
/// <example>
/// <code>Restore-DeploymentBackup ./backups/shop-20260102T030405Z.db -ConnectionString 'Data Source=shop.db'</code>
/// <para>Puts a database back after asking.</para>
/// </example>
/// <example>
/// <code>Restore-DeploymentBackup ./backups/settings-20260102T030405Z.tar -Folder ./settings-of-then</code>
/// <para>Extracts the backup of a folder elsewhere, to look into it.</para>
/// </example>
/// <example>
/// <code>New-DeploymentBackup ./plan.psd1 ./backups | Restore-DeploymentBackup -Plan ./plan.psd1 -WhatIf</code>
/// <para>Backs up what a plan names, and shows what restoring it would do.</para>
/// </example>
[Cmdlet(VerbsData.Restore, "DeploymentBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoredBackup))]
public sealed class RestoreDeploymentBackupCommand : DeploymentCommand
{
    /// <summary>The backup, with its proof beside it. A DeploymentBackup may be piped.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("File", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The plan that says where the database or folder of the backup's name is. A folder is put back where it was taken without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Plan { get; set; }

    /// <summary>The ADO.NET connection string of the database that is replaced, instead of what the plan says; a relative file in it starts at the current location.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    /// <summary>The folder that is replaced, instead of the one that was backed up.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Folder { get; set; }

    /// <summary>Accepts that what was written since the backup is lost, and what is written until it is restored. A typed yes holds for what was named.</summary>
    [Parameter]
    public SwitchParameter AcceptDataLoss { get; set; }

    private protected override async Task ProcessAsync()
    {
        var place = new RestorePlace
        {
            Plan = Plan is null ? null : FullPath(Plan),
            ConnectionString = ConnectionString,
            Folder = Folder is null ? null : FullPath(Folder),
            BaseFolder = FullPath("."),
        };
        var desk = new RestoreDesk(Ports, Reporter, place);
        var planned = await desk.PlanAsync(FullPath(Path), Token);
        await EmitAsync(await ShouldProcessAsync(planned.Target, $"Restore {planned.Summary}") ? await desk.RunAsync(planned, AcceptDataLoss, Token) : planned);
    }
}

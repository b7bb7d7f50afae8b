using System.Management.Automation;
using DeployOps.Checks;
using DeployOps.Phases;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Writes findings, validations and smoke tests to a file that CI servers read: JUnit's XML, or TAP.</summary>
/// <remarks>
/// It takes what Test-DbMigration, Invoke-DbMigration and Test-Smoke emit. Of findings an error fails, a warning passes and says what it warns of, and what the script allows is skipped with its reason. Of
/// validations and smoke tests what could not be asked is an error, and what was only planned, or failed on the old version already, is skipped. With no input at all the file says that there were no checks.
/// The file is written anew after each result, so that it is there too where what comes behind ends the pipeline. A phase that acts emits nothing where it fails: its error holds the failed result, as in
/// try { $window | Invoke-DbMigration | Export-DeploymentCheck ./checks.xml } catch { if ($_.TargetObject -is [DeployOps.Phases.PhaseResult]) { $_.TargetObject | Export-DeploymentCheck ./checks.xml }; throw }.
/// A file of checks that was there is replaced, any other only with -Force.
/// </remarks>
/// <example>
/// <code>Test-DbMigration ./scripts -Kind PostgreSql | Export-DeploymentCheck ./lint.xml</code>
/// <para>Writes the findings as JUnit's XML and emits where it is and how many of them would refuse the migration.</para>
/// </example>
/// <example>
/// <code>$window | Test-Smoke | Export-DeploymentCheck ./smoke.tap</code>
/// <para>Writes the smoke tests of a window as TAP.</para>
/// </example>
[Cmdlet(VerbsData.Export, "DeploymentCheck", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(CheckFile))]
public sealed class ExportDeploymentCheckCommand : DeploymentCommand
{
    private CheckExport? export;
    private bool? isAllowed;

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Findings, validations, smoke tests, or results of a migration or of smoke tests: pipe them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>What it is written as: JUnit or Tap. Where it is not given, the file's ending says it: Tap for .tap, else JUnit.</summary>
    [Parameter]
    public CheckFormat? As { get; set; }

    /// <summary>Replaces a file also where it is not one of checks that DeployOps wrote.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override Task BeginAsync()
    {
        var path = FullPath(Path);
        export = new CheckExport(Ports, path, As ?? (System.IO.Path.GetExtension(path).Equals(".tap", StringComparison.OrdinalIgnoreCase) ? CheckFormat.Tap : CheckFormat.JUnit));
        export.RequirePlace(Force);
        return Task.CompletedTask;
    }

    private protected override async Task ProcessAsync()
    {
        export!.Add(InputObject.BaseObject);
        if (InputObject.BaseObject is PhaseResult && await IsAllowedAsync())
        {
            export.Write();
        }
    }

    private protected override async Task EndAsync() => await EmitAsync(await IsAllowedAsync() ? export!.Write() : export!.Planned);

    private async Task<bool> IsAllowedAsync() => isAllowed ??= await ShouldProcessAsync(FullPath(Path), "Write the checks");
}

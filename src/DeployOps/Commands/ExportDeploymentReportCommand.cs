using System.Management.Automation;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Reports;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Writes the report of a window: one HTML file without scripts, from its execution log.</summary>
/// <remarks>
/// It may be written at any time, also while the window is open; the phases write it anew when they end. An earlier report is replaced; any other file
/// only with -Force, and nothing below the home but the window's own report.
/// </remarks>
/// <example>
/// <code>$window | Export-DeploymentReport</code>
/// <para>Writes report.html in the window's folder and emits where it is.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Export-DeploymentReport -Path ./shop-2.4.0.html</code>
/// <para>Writes it to a file of your own.</para>
/// </example>
[Cmdlet(VerbsData.Export, "DeploymentReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ReportFile))]
public sealed class ExportDeploymentReportCommand : WindowCommand
{
    /// <summary>The file to write; report.html in the window's folder where it is not given.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Replaces a file also where it is not a report that DeployOps wrote. What lies below the home is never replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var path = Path is null ? Window.ReportPath : FullPath(Path);
        if (Path is not null)
        {
            new DeploymentReport(Ports).RequirePlace(Window, path, Force);
        }

        if (Window.State == WindowState.Planned || !await ShouldProcessAsync(path, $"Write the report of {Window.Id}"))
        {
            await EmitAsync(new ReportFile(Window, PhaseOutcome.Planned, path));
            return;
        }

        await EmitAsync(await new DeploymentReport(Ports).WriteAsync(Window, path, Force));
    }
}

using System.Management.Automation;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Reports;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Writes the report of a window from its execution log: one HTML file without scripts, or Markdown.</summary>
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
/// <example>
/// <code>$window | Export-DeploymentReport ./shop-2.4.0.md</code>
/// <para>Writes it as Markdown, to be put into a ticket or a wiki. Pictures are left out: the tables hold their numbers.</para>
/// </example>
[Cmdlet(VerbsData.Export, "DeploymentReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ReportFile))]
public sealed class ExportDeploymentReportCommand : WindowCommand
{
    /// <summary>The file to write; report.html, or report.md, in the window's folder where it is not given.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>What it is written as: Html or Markdown. Where it is not given, the file's ending says it: Markdown for .md and .markdown, else Html.</summary>
    [Parameter]
    public ReportFormat? As { get; set; }

    /// <summary>Replaces a file also where it is not a report that DeployOps wrote. What lies below the home is never replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var format = As ?? FormatOf(Path);
        var path = Path is null ? DeploymentReport.OwnPath(Window, format) : FullPath(Path);
        if (Path is not null)
        {
            new DeploymentReport(Ports).RequirePlace(Window, path, format, Force);
        }

        if (Window.State == WindowState.Planned || !await ShouldProcessAsync(path, $"Write the report of {Window.Id}"))
        {
            await EmitAsync(new ReportFile(Window, PhaseOutcome.Planned, path));
            return;
        }

        await EmitAsync(await new DeploymentReport(Ports).WriteAsync(Window, path, format, Force));
    }

    private static ReportFormat FormatOf(string? path) =>
        System.IO.Path.GetExtension(path)?.ToUpperInvariant() is ".MD" or ".MARKDOWN" ? ReportFormat.Markdown : ReportFormat.Html;
}

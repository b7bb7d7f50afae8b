using System.Management.Automation;
using DeployOps.CheckIns;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Ends the extended monitoring of a window before its time.</summary>
/// <remarks>What was written for the scheduler is taken away; the check-ins that were made stay in the log and in the report.</remarks>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Unregister-ExtendedMonitoring</code>
/// <para>No more check-ins of this window.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow | Get-ExtendedMonitoring | Where-Object Due | Unregister-ExtendedMonitoring -Confirm</code>
/// <para>Asks for each that goes on.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Unregister, "ExtendedMonitoring", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ExtendedMonitoring))]
public sealed class UnregisterExtendedMonitoringCommand : WindowCommand
{
    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var desk = new CheckInDesk(Ports, Reporter);
        var standing = await desk.FindAsync(Window);
        await EmitAsync(await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"End check-ins: {standing.Summary}")
            ? await desk.UnregisterAsync(Window, Token)
            : standing with { Outcome = Phases.PhaseOutcome.Planned });
    }
}

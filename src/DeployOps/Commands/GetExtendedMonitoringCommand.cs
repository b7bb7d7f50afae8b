using System.Management.Automation;
using DeployOps.CheckIns;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Tells how the extended monitoring of a window stands: registered or not, how many check-ins, the last verdict, when the next is due.</summary>
/// <remarks>It is read from the window's log. A check-in that is overdue was missed; the next one judges its time too.</remarks>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Get-ExtendedMonitoring</code>
/// <para>How it stands for one window.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow | Get-ExtendedMonitoring | Where-Object Due</code>
/// <para>All windows that are looked after.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ExtendedMonitoring")]
[OutputType(typeof(ExtendedMonitoring))]
public sealed class GetExtendedMonitoringCommand : WindowCommand
{
    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        await EmitAsync(await new CheckInDesk(Ports, Reporter).FindAsync(Window));
    }
}

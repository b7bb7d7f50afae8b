using System.Management.Automation;
using DeployOps.CheckIns;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Makes one check-in now: judges everything since the one before.</summary>
/// <remarks>
/// It is what the scheduler starts, through module/check-in.ps1, and may be called by hand. Metrics are judged over all of the time since the last check-in, logs
/// are read from where it left them, and instances must serve the release. A counter that is read twice tells its average and no more: what lasted a few minutes within a gap of hours may
/// pass a metric's limit, and is left to the logs to tell. It goes back by itself in no case: by then a person decides. The last
/// one, from the end of the registered time on, ends the monitoring.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Invoke-ExtendedMonitoring</code>
/// <para>Looks now and emits an ExtendedCheckIn.</para>
/// </example>
/// <example>
/// <code>($window | Invoke-ExtendedMonitoring).Findings | Where-Object Verdict -ne Pass</code>
/// <para>What is not well, with its numbers.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "ExtendedMonitoring", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ExtendedCheckIn))]
public sealed class InvokeExtendedMonitoringCommand : WindowCommand
{
    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var desk = new CheckInDesk(Ports, Reporter);
        var planned = await desk.PlanCheckInAsync(Window);
        await EmitAsync(await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"Check in: {planned.Summary}") ? await desk.CheckInAsync(Window, Token) : planned);
    }
}

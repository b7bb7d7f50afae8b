using System.Management.Automation;
using DeployOps.Arguments;
using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Loading;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Has a scheduler look after a completed release for days: one short check-in at a time.</summary>
/// <remarks>
/// Writes a systemd service and timer, or a line of the crontab where there is no systemd, or a task on Windows. Each check-in is a process of its own that
/// judges everything since the one before, so that what happened while the machine slept is judged too; it writes to the window's log, tells the team what
/// changes, and ends with 0 OK, 1 warning, 2 critical or 3 unknown. After the last one nothing is left behind. Complete-DeploymentWindow registers by itself where the plan has ExtendedMonitoring.
/// A reference env:NAME of the plan is not known to a scheduler: let it be file:PATH. Where what is watched stands in one it refuses, unless -Scheduler None leaves the start of the command to you; a
/// channel that stands in one is warned of: its notices wait until a command runs where the variable is set.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Register-ExtendedMonitoring</code>
/// <para>Checks every 30 minutes for two days, or as the plan says.</para>
/// </example>
/// <example>
/// <code>$window | Register-ExtendedMonitoring -Every 00:10:00 -Duration 1.00:00:00 -Scheduler None</code>
/// <para>Starts nothing: have the command it emits run by a scheduler of your own.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Register, "ExtendedMonitoring", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ExtendedMonitoring))]
public sealed class RegisterExtendedMonitoringCommand : WindowCommand
{
    /// <summary>How long, 1 minute to 14 days. What the plan says, else two days, where it is not given.</summary>
    [Parameter]
    [PlanTimeSpan]
    public TimeSpan? Duration { get; set; }

    /// <summary>Between two check-ins, 1 minute to 1 day. What the plan says, else 30 minutes, where it is not given.</summary>
    [Parameter]
    [PlanTimeSpan]
    public TimeSpan? Every { get; set; }

    /// <summary>What starts check-ins: Systemd, Cron, TaskScheduler, or None, where somebody's own scheduler does. What this machine has where it is not given.</summary>
    [Parameter]
    public CheckInScheduler? Scheduler { get; set; }

    /// <summary>User, or System, which needs the administrator. On systemd a user's timers run while the user is logged in, or lingers (loginctl enable-linger).</summary>
    [Parameter]
    public SchedulerScope Scope { get; set; }

    /// <summary>A folder for the unit files, the crontab line or the task, to be looked at or installed by hand; nothing is started then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var desk = new CheckInDesk(Ports, Reporter);
        var (planned, schedule) = await desk.PlanAsync(Window, new CheckInOrder
        {
            Duration = Duration,
            Every = Every,
            Scheduler = Scheduler,
            Scope = Scope,
            Folder = Destination is null ? null : FullPath(Destination),
            Command = CheckInHost.For(Window.Id, Ports.Home.Root),
        });
        await EmitAsync(await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"Check in {planned.Summary}") ? await desk.RegisterAsync(planned, schedule, Token) : planned);
    }
}

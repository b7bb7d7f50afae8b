using System.Management.Automation;
using DeployOps.Arguments;
using DeployOps.Health;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Watches the metrics of a release against its limits and the baseline, and emits a check-in an interval.</summary>
/// <remarks>
/// Each look judges every metric as Pass, Fail or Unknown with its numbers. A metric that fails several looks in a row is a verdict of Rollback:
/// the watch ends at once and, where the plan says Automatic, production goes back before the last check-in is emitted. Missing evidence is
/// never success: a watch that ends without enough of it is Inconclusive.
/// </remarks>
/// <example>
/// <code>$window | Watch-DeploymentHealth -Duration 1:00:00</code>
/// <para>Watches for an hour and streams a HealthCheckIn an interval.</para>
/// </example>
/// <example>
/// <code>$window | Watch-DeploymentHealth | Where-Object Verdict -eq Rollback | Invoke-Rollback</code>
/// <para>Goes back at the first check-in that calls for it, where the plan leaves that to you.</para>
/// </example>
[Cmdlet(VerbsCommon.Watch, "DeploymentHealth", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(HealthCheckIn))]
public sealed class WatchDeploymentHealthCommand : PhaseCommand
{
    /// <summary>How long to watch, such as 1:00:00; the plan's Monitoring.Duration where it is not given. A shorter time than the plan's needs -Deviation.</summary>
    [Parameter]
    [PlanTimeSpan]
    public TimeSpan? Duration { get; set; }

    /// <summary>The time between two looks; the plan's Monitoring.Interval where it is not given. A longer one than the plan's needs -Deviation.</summary>
    [Parameter]
    [PlanTimeSpan]
    public TimeSpan? Interval { get; set; }

    private protected override Task ProcessAsync()
    {
        RequireTimes();
        return RunPhaseAsync(new WatchPhase(EmitAsync, Duration, Interval), planned => ($"{Window.Service} in {Window.Environment}", planned.Summary));
    }

    // A slip of the finger is no failed phase, which would go back.
    private void RequireTimes()
    {
        if (Duration is { } duration && (duration < TimeSpan.FromSeconds(1) || duration > TimeSpan.FromDays(1)))
        {
            throw Invalid("Duration", duration, "1 second to 1 day");
        }

        if (Interval is { } interval && (interval < TimeSpan.FromMilliseconds(100) || interval > (Duration ?? TimeSpan.FromDays(1))))
        {
            throw Invalid("Interval", interval, $"0.1 seconds to {(Duration is null ? "1 day" : "the duration")}");
        }
    }

    private static DeployOpsException Invalid(string parameter, TimeSpan value, string expected) =>
        new("WatchTimeInvalid", FaultKind.InvalidData, $"-{parameter} {value} is no time to watch by.", $"Give {expected}, such as 1:00:00; nothing was begun.");
}

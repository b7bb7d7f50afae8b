namespace DeployOps.CheckIns.Schedulers;

/// <summary>What a scheduler is to start.</summary>
/// <param name="Window">The window's id, which names what is written.</param>
/// <param name="From">When it begins, UTC; the first check-in comes one interval later.</param>
/// <param name="Every">Between two check-ins.</param>
/// <param name="Command">The command of one.</param>
/// <param name="Scheduler">What starts it; null where this machine has nothing that could.</param>
/// <param name="Scope">For whom.</param>
/// <param name="Folder">Where files are written instead of the scheduler's own folder, and nothing is started; null for that one.</param>
public sealed record ScheduledCheckIn(string Window, DateTimeOffset From, TimeSpan Every, CheckInCommandLine Command, CheckInScheduler? Scheduler, SchedulerScope Scope, string? Folder)
{
    /// <summary>What units, tasks and lines are called.</summary>
    internal string Name => NameOf(Window);

    /// <summary>The same, of what was registered earlier.</summary>
    internal static string NameOf(string window) => $"deployops-{window}";
}

namespace DeployOps.CheckIns;

/// <summary>How somebody wants a window to be looked after.</summary>
public sealed record CheckInOrder
{
    /// <summary>How long instead of what the plan says; null follows the plan.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Between two check-ins, instead of what the plan says; null follows the plan.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>What starts them; null takes what this machine has.</summary>
    public CheckInScheduler? Scheduler { get; init; }

    /// <summary>For whom.</summary>
    public SchedulerScope Scope { get; init; }

    /// <summary>The folder for what is written, instead of the scheduler's own; null for that. Then nothing is started.</summary>
    public string? Folder { get; init; }

    /// <summary>The command of one check-in.</summary>
    public required CheckInCommandLine Command { get; init; }
}

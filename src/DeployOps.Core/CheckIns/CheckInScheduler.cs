namespace DeployOps.CheckIns;

/// <summary>What starts check-ins.</summary>
public enum CheckInScheduler
{
    /// <summary>A systemd service and timer.</summary>
    Systemd,

    /// <summary>A line of the user's crontab.</summary>
    Cron,

    /// <summary>A task of Windows' Task Scheduler.</summary>
    TaskScheduler,

    /// <summary>Nothing of ours: somebody's own scheduler runs the command.</summary>
    None,
}

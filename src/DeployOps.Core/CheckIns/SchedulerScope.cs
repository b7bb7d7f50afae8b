namespace DeployOps.CheckIns;

/// <summary>For whom a scheduler starts check-ins.</summary>
public enum SchedulerScope
{
    /// <summary>For the user who registers them; on systemd only while the user is logged in, or lingers.</summary>
    User,

    /// <summary>For the system, whoever is logged in. Needs its administrator.</summary>
    System,
}

namespace DeployOps.Plans.Binding;

/// <summary>Bounds that several sections share.</summary>
internal static class PlanLimits
{
    /// <summary>The shortest time limit that can be met at all.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest a single step may take. What lasts longer than a day is no step of a window.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>The longest a single request may take or be waited for.</summary>
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
}

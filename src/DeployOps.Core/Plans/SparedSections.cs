namespace DeployOps.Plans;

/// <summary>
/// The sections of a kept plan that nobody needs for a piece of work: a reference in them that yields nothing is no mistake then, since it may stand in a variable
/// that only another terminal has.
/// </summary>
internal static class SparedSections
{
    /// <summary>Going back watches nothing and tells by nothing of the plan.</summary>
    internal static IReadOnlyList<string> GoingBack { get; } = ["Notices", "Health", "Monitoring"];

    /// <summary>A check-in asks for no incidents, tells by the channels it can open, and measures what it can: a query whose database it cannot open is Unknown.</summary>
    internal static IReadOnlyList<string> CheckingIn { get; } = ["Notices", "Health", "Databases"];

    /// <summary>Telling needs the channels alone, each by itself.</summary>
    internal static IReadOnlyList<string> Telling { get; } = ["Notices", "Health", "Databases", "Rollout", "Monitoring"];
}

using DeployOps.Health;

namespace DeployOps.CheckIns;

/// <summary>How the check-ins of a registration ended that a later release took over from: no last one was made.</summary>
/// <param name="Time">When that was seen, UTC.</param>
/// <param name="By">The id of the later release's window.</param>
/// <param name="Worst">The worst that any of them found; null where none was made.</param>
internal sealed record CheckInConclusion(DateTimeOffset Time, string By, HealthVerdict? Worst)
{
    /// <summary>The name under which it is captured in the journal.</summary>
    internal const string CaptureName = "extended-monitoring-conclusion";

    /// <summary>It in words.</summary>
    internal string Reason => $"{By} took over: there is nothing to look after any more; {Found}";

    /// <summary>What they found, as the end of a sentence about the release.</summary>
    internal string Found => Worst switch
    {
        null => "no check-in was made",
        HealthVerdict.Healthy => "it was Healthy throughout",
        { } worst => $"it was {worst} at worst",
    };

    /// <summary>What the check-ins of a registration came to when another release took over.</summary>
    /// <param name="looks">They, in order; may be none.</param>
    /// <param name="by">The id of the later release's window.</param>
    /// <param name="time">When that was seen, UTC.</param>
    internal static CheckInConclusion Of(IReadOnlyList<HealthLook> looks, string by, DateTimeOffset time) => new(time, by, looks.Count == 0 ? null : new CheckInTally(looks).Worst);
}

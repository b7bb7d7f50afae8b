using DeployOps.Health;

namespace DeployOps.CheckIns;

/// <summary>What the check-ins of one registration came to, all together. Pure.</summary>
/// <param name="Looks">They, in order; at least one.</param>
internal sealed record CheckInTally(IReadOnlyList<HealthLook> Looks)
{
    /// <summary>The worst that any of them found: a release that failed for a night was not healthy because it was in the end.</summary>
    internal HealthVerdict Worst => Looks.Max(look => look.Verdict);

    /// <summary>How many should have come and did not.</summary>
    internal int Missed => Looks.Sum(look => look.Missed);

    /// <summary>How many found what, the best first, and how many were missed.</summary>
    public override string ToString()
    {
        var verdicts = Looks.GroupBy(look => look.Verdict).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}").ToList();
        var missed = Missed == 0 ? "" : $"; {Missed} more were missed, and judged by those after them";

        return $"{Looks.Count} check-ins: {string.Join(", ", verdicts)}{missed}. The last found {Looks[^1].Verdict}.";
    }
}

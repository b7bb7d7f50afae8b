using System.Collections.Immutable;
using DeployOps.Gates;

namespace DeployOps.Health;

/// <summary>
/// Folds the looks of a watch into a verdict. A metric that fails <c>Looks</c> times in a row means Rollback; fewer times, Degraded. A look without evidence
/// neither counts nor ends the row, so that a system too broken to be measured does not clear itself; only a pass ends it. A watch that was blind for long is not Healthy
/// for what it saw at its end.
/// </summary>
public sealed record VerdictTracker
{
    /// <summary>Of how many looks one may be blind; a single one always may.</summary>
    private const int BlindOnce = 4;

    private readonly int looks;
    private readonly int seen;
    private readonly ImmutableDictionary<string, Standing> standings = ImmutableDictionary<string, Standing>.Empty;

    /// <summary>Starts with nothing seen.</summary>
    /// <param name="looks">How many failing looks in a row mean Rollback; 1 or more.</param>
    public VerdictTracker(int looks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        this.looks = looks;
    }

    /// <summary>What the newest look came to.</summary>
    public HealthVerdict Verdict => standings switch
    {
        _ when Any(standing => standing.Failing >= looks) => HealthVerdict.Rollback,
        _ when Any(standing => standing.Failing > 0) => HealthVerdict.Degraded,
        _ when standings.IsEmpty || Any(standing => standing.Last != GateVerdict.Pass) => HealthVerdict.Inconclusive,
        _ => HealthVerdict.Healthy,
    };

    /// <summary>
    /// What a watch that ends now came to: Healthy only if everything passed in its newest look, there was something to judge, and nothing was blind in more than a quarter
    /// of its looks; Rollback where that was found; otherwise Inconclusive.
    /// </summary>
    public HealthVerdict Conclusion => Verdict switch
    {
        HealthVerdict.Degraded => HealthVerdict.Inconclusive,
        HealthVerdict.Healthy when Blind.Count > 0 => HealthVerdict.Inconclusive,
        _ => Verdict,
    };

    /// <summary>What could not be asked in more than a quarter of the looks, and in more than one, with how often.</summary>
    public IReadOnlyList<string> Blind =>
        [.. standings.Where(pair => pair.Value.Blind > Math.Max(1, seen / BlindOnce)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} could not be asked in {pair.Value.Blind} of {seen} looks")];

    /// <summary>For how many looks a metric has failed in a row.</summary>
    public int FailingLooks(string metric) => standings.TryGetValue(metric, out var standing) ? standing.Failing : 0;

    /// <summary>The tracker after one more look. What was seen before and is missing from it counts as without evidence.</summary>
    public VerdictTracker After(IReadOnlyList<HealthFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var next = standings.ToDictionary(pair => pair.Key, pair => pair.Value with { Last = GateVerdict.Unknown, Blind = pair.Value.Blind + 1 });
        foreach (var finding in findings)
        {
            var failing = FailingLooks(finding.Metric);
            // What appears only now could not be asked before.
            var blind = standings.TryGetValue(finding.Metric, out var before) ? before.Blind : seen;
            next[finding.Metric] = new Standing(
                finding.Verdict,
                finding.Verdict switch
                {
                    GateVerdict.Fail => failing + 1,
                    GateVerdict.Pass => 0,
                    _ => failing,
                },
                finding.IsBlind ? blind + 1 : blind);
        }

        return new VerdictTracker(this, next.ToImmutableDictionary());
    }

    private VerdictTracker(VerdictTracker before, ImmutableDictionary<string, Standing> standings)
    {
        looks = before.looks;
        seen = before.seen + 1;
        this.standings = standings;
    }

    private bool Any(Func<Standing, bool> condition) => standings.Values.Any(condition);

    /// <summary>How one metric stands.</summary>
    /// <param name="Last">Its newest answer.</param>
    /// <param name="Failing">How many looks in a row it has failed.</param>
    /// <param name="Blind">In how many looks of all it could not be asked.</param>
    private sealed record Standing(GateVerdict Last, int Failing, int Blind);
}

using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>The way back from its first decision to its last attempt. One that failed or was cancelled and was begun again has several.</summary>
/// <param name="Attempts">The attempts, in order; at least one.</param>
/// <param name="Reasons">Why each was begun, in order, the same one told once.</param>
/// <param name="TrafficBackAfter">From the first decision until all traffic was last seen on the old version; null where it was not, or never left it.</param>
internal sealed record WayBack(IReadOnlyList<PhaseRun> Attempts, IReadOnlyList<string> Reasons, TimeSpan? TrafficBackAfter)
{
    private const string Opening = "Going back: ";

    /// <summary>From the first decision to the end of the last attempt; null while that is not seen.</summary>
    internal TimeSpan? Took => Attempts[^1].EndedAt - Attempts[0].BeganAt;

    /// <summary>Reads it from the runs of the phases; null where nothing went back. Pure.</summary>
    /// <param name="runs">The runs of all phases.</param>
    /// <param name="traffic">When users met the new release.</param>
    /// <param name="read">Reads the result of a run; null where it has none.</param>
    internal static WayBack? Read(IReadOnlyList<PhaseRun> runs, TrafficMoves traffic, Func<PhaseRun, RollbackResult?> read)
    {
        var attempts = runs.Where(run => run.Phase == DeploymentPhase.Rollback).ToList();
        if (attempts.Count == 0)
        {
            return null;
        }

        var results = attempts.Select(read).ToList();
        var reasons = attempts.Zip(results, (run, result) => result?.Reason ?? Said(run)).Where(reason => reason.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var seen = traffic.BackAt - attempts[0].BeganAt;

        // One attempt measured it by a clock that nobody sets.
        return new WayBack(attempts, reasons, attempts.Count == 1 && results[0]?.TrafficBackAfter is { } measured ? measured : seen >= TimeSpan.Zero ? seen : null);
    }

    // One that nobody saw end has no result, but its first record says why.
    private static string Said(PhaseRun run) => run.Summary.StartsWith(Opening, StringComparison.Ordinal) ? run.Summary[Opening.Length..] : "";
}

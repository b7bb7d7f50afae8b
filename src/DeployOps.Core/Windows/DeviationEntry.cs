using DeployOps.Journal;
using DeployOps.Phases;

namespace DeployOps.Windows;

/// <summary>The one form in which a deviation stands in the journal: the reason somebody gave, and what it is against.</summary>
internal static class DeviationEntry
{
    /// <summary>The entry.</summary>
    /// <param name="phase">The phase that goes on.</param>
    /// <param name="against">The id of what is refused.</param>
    /// <param name="fact">What is refused, in words.</param>
    /// <param name="reason">Why it goes on all the same.</param>
    /// <param name="files">What is in force from here on; null where nothing changes in that.</param>
    internal static JournalEntry Of(DeploymentPhase phase, string against, string fact, string reason, FileDeviation? files = null) =>
        new(JournalKind.Deviation, $"{reason} (against {against}: {fact})")
        {
            Phase = phase,
            Target = against,
            Detail = files is null ? null : JournalJson.ToNode(files),
            ReadBack = files is null ? null : JournalJson.ToNode(files),
        };
}

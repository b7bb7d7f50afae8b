using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>The phases in their planned order, each run of them with what it came to.</summary>
internal static class PhasesTable
{
    internal static Tag? Render(ReportStory story)
    {
        var table = new ReportTable("Phases in their planned order", "Phase", "Began", "Ended", "Took", "Outcome", "What it came to");
        foreach (var phase in Enum.GetValues<DeploymentPhase>())
        {
            var runs = story.Runs.Where(run => run.Phase == phase).ToList();
            if (runs.Count == 0 && phase != DeploymentPhase.Rollback)
            {
                table.Row(Name(phase), "–", "–", "–", Badge.Of(story.IsOver ? "Not reached" : "Not yet", Tone.Plain), null);
            }

            runs.ForEach(run => Add(table, story, run, runs.Count));
        }

        return table.ToTag();
    }

    private static void Add(ReportTable table, ReportStory story, PhaseRun run, int runs) => table.Row(
        runs == 1 ? Name(run.Phase) : $"{Name(run.Phase)} (run {run.Number} of {runs})",
        story.Stamp(run.BeganAt),
        run.EndedAt is { } ended ? story.Stamp(ended) : "–",
        run.EndedAt is { } end ? ReportText.Span(end - run.BeganAt) : "–",
        run.Outcome is null && !story.IsOver && ReferenceEquals(run, story.Runs[^1]) ? Badge.Of("Under way", Tone.Plain) : Badge.Of(run.Outcome),
        run.Outcome is null ? null : ReportText.Clip(run.Summary));

    private static string Name(DeploymentPhase phase) => phase == DeploymentPhase.Rollback ? "Rollback" : $"{(int)phase + 1} {phase}";
}

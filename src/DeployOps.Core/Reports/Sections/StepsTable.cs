using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Steps;

namespace DeployOps.Reports.Sections;

/// <summary>Steps with the times of their intent and outcome, and the evidence.</summary>
internal static class StepsTable
{
    internal static Tag? Render(ReportStory story, string caption, IEnumerable<StepRun> steps)
    {
        var table = new ReportTable(caption, "Step", "Intent", "Outcome", "Took", "State", "Evidence");
        foreach (var step in steps)
        {
            table.Row(
                ReportText.Clip(step.Change),
                story.Stamp(step.BeganAt),
                step.EndedAt is { } ended ? story.Stamp(ended) : "–",
                step.EndedAt is { } end ? ReportText.Span(end - step.BeganAt) : "–",
                State(step.State),
                step.EndedAt is null ? "Nobody saw how it ended." : ReportText.Clip(step.Evidence));
        }

        return table.ToTag();
    }

    private static Tag State(StepState state) => state switch
    {
        StepState.Done => Badge.Of("Done", Tone.Good),
        StepState.Failed => Badge.Of("Failed", Tone.Bad),
        StepState.Undone => Badge.Of("Taken back", Tone.Good),
        StepState.UndoFailed => Badge.Of("Not taken back", Tone.Bad),
        _ => Badge.Of("Not known", Tone.Warn),
    };
}

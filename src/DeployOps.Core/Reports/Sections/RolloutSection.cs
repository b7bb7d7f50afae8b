using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>What was there before the rollout, its steps, and the gates between them.</summary>
internal static class RolloutSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "rollout",
        "Rollout",
        Captured(story),
        StepsTable.Render(story, "Steps", story.Steps.Where(step => step is { Phase: DeploymentPhase.Rollout or DeploymentPhase.Completion, IsUndo: false })),
        GatesTable.Render(story, "Gates of the rollout", story.Gates.Where(gate => gate.Phase == DeploymentPhase.Rollout && !CommunicationSection.IsIncident(gate))));

    private static Tag? Captured(ReportStory story)
    {
        var table = new ReportTable("Captured before the rollout: what going back returns to", "Instance", "Version", "Weight in the router");
        foreach (var (name, weight) in story.Capture?.Weights.OrderBy(pair => pair.Key, StringComparer.Ordinal) ?? Enumerable.Empty<KeyValuePair<string, int>>())
        {
            table.Row(name, story.Capture!.Versions.GetValueOrDefault(name) ?? "did not run", weight.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return table.ToTag();
    }
}

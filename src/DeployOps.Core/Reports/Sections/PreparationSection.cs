using DeployOps.Phases;
using DeployOps.Reports.Story;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>What was seen before anything changed, and the backups that were proven.</summary>
internal static class PreparationSection
{
    internal static ReportSection Render(ReportStory story) => new(
        "preparation",
        "Preparation and backups",
        GatesTable.Render(story, "Health before anything changed", story.Gates.Where(gate => gate.Phase == DeploymentPhase.Preparation && !SmokeSection.IsSmoke(gate) && !CommunicationSection.IsIncident(gate))),
        BackupsTable.Databases(story),
        BackupsTable.Folders(story));
}

using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>Gates with the numbers that decided.</summary>
internal static class GatesTable
{
    internal static Tag? Render(ReportStory story, string caption, IEnumerable<GateAnswer> gates, bool withPhase = false)
    {
        var table = new ReportTable(caption, withPhase ? "Before" : "Asked", "Time", "Answer", "Numbers");
        foreach (var gate in gates)
        {
            table.Row(withPhase ? gate.Phase?.ToString() : ReportText.Clip(gate.Result.Name), story.Stamp(gate.At), Badge.Of(gate.Result.Verdict), ReportText.Clip(gate.Result.Detail));
        }

        return table.ToTag();
    }
}

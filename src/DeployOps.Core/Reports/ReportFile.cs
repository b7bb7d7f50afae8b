using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>A report that was written, or would be.</summary>
/// <param name="Window">The window it tells of.</param>
/// <param name="Outcome">Succeeded, or Planned under -WhatIf.</param>
/// <param name="Path">The full path of the file.</param>
public sealed record ReportFile(DeploymentWindow Window, PhaseOutcome Outcome, string Path)
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}

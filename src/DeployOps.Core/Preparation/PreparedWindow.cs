using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Windows;

namespace DeployOps.Preparation;

/// <summary>A window that may be opened, or was opened before.</summary>
public sealed class PreparedWindow
{
    internal PreparedWindow(DeploymentWindow window, PreparationResult preparation, WindowPlan plan, PlanApproval? approval, IReadOnlyList<PlanDeviation> deviations)
    {
        Window = window;
        Preparation = preparation;
        Plan = plan;
        Approval = approval;
        Deviations = deviations;
    }

    /// <summary>The window: planned, or as an earlier run left it.</summary>
    public DeploymentWindow Window { get; }

    /// <summary>What opening it would do.</summary>
    public PreparationResult Preparation { get; }

    /// <summary>True where there is nothing left to do: the approval's window has ended, or its preparation has.</summary>
    public bool IsDone => Needs.Count == 0
        && (Window.State is not (WindowState.Planned or WindowState.Open or WindowState.RollingBack) || (Window.State == WindowState.Open && Preparation.Outcome == PhaseOutcome.Succeeded));

    internal WindowPlan Plan { get; }

    internal PlanApproval? Approval { get; }

    internal IReadOnlyList<PlanDeviation> Deviations { get; }

    /// <summary>What an open window is carried on against, for the reason that was given.</summary>
    internal IReadOnlyList<DeployOpsException> Needs { get; init; } = [];
}

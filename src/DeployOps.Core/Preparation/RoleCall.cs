using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Windows;

namespace DeployOps.Preparation;

/// <summary>Who fills the roles of a window.</summary>
/// <param name="Executor">Who starts it.</param>
/// <param name="Lead">Who approved it; empty where nobody did and a deviation says why.</param>
/// <param name="Monitor">Who watches the numbers.</param>
/// <param name="Communicator">Who speaks to the stakeholders; null where the plan names nobody.</param>
internal sealed record RoleCall(string Executor, string Lead, string Monitor, string? Communicator)
{
    /// <summary>Fills the roles from the plan and what was given with <c>-Team</c>; asks for a monitor where neither names one.</summary>
    /// <exception cref="DeployOpsException"><c>RoleMissing</c> where nobody can be asked.</exception>
    internal static async Task<RoleCall> FillAsync(
        DeploymentPlan plan, PlanApproval? approval, string executor, IReadOnlyDictionary<string, string> given, IStepReporter reporter, CancellationToken cancellationToken)
    {
        var monitor = given.GetValueOrDefault("Monitor") ?? plan.Team.Monitor ?? await reporter.AskTextAsync("Who watches the numbers (Monitor)?", cancellationToken);
        if (string.IsNullOrWhiteSpace(monitor))
        {
            throw new DeployOpsException(
                "RoleMissing",
                FaultKind.InvalidData,
                "Nobody is named to watch the numbers (Monitor).",
                "Name somebody in the plan's Team, or with -Team @{ Monitor = '...' }.");
        }

        return new RoleCall(executor, approval?.ApprovedBy ?? "", monitor, given.GetValueOrDefault("Communicator") ?? plan.Team.Communicator);
    }
}

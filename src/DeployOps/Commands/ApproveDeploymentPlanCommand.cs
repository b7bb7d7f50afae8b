using System.Management.Automation;
using DeployOps.Arguments;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;

namespace DeployOps.Commands;

/// <summary>Approves a deployment plan exactly as it and its files are now.</summary>
/// <remarks>
/// Writes the plan's digest, who approved, when and until when to &lt;plan&gt;.approval.json. An approval opens one window. Who approved is the Lead;
/// another person starts the window. The approver is the operating-system user, or who called sudo.
/// </remarks>
/// <example>
/// <code>Approve-DeploymentPlan ./plan.psd1</code>
/// <para>Approves the plan for the next four hours.</para>
/// </example>
/// <example>
/// <code>Approve-DeploymentPlan ./plan.psd1 -ValidFor 12:00:00 -WhatIf</code>
/// <para>Shows the digest that would be approved and writes nothing.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Approve, "DeploymentPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PlanApproval))]
public sealed class ApproveDeploymentPlanCommand : DeploymentCommand
{
    /// <summary>The plan file, a .psd1.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>How long the approval counts, such as 12:00:00 or 1.00:00:00, a day: at least a minute, at most 30 days; four hours where it is not given.</summary>
    [Parameter]
    [PlanTimeSpan]
    public TimeSpan? ValidFor { get; set; }

    private protected override async Task ProcessAsync()
    {
        var path = FullPath(Path);
        var approval = new PlanTester(Ports).Approve(path, ValidFor);
        if (await ShouldProcessAsync($"{approval.Service} {approval.Release} to {approval.Environment}", $"Approve {approval.Files.Count} files with digest {approval.Digest} as {approval.ApprovedBy} until {approval.Expires:u}"))
        {
            ApprovalFile.Write(path, approval);
        }
        else
        {
            approval = approval with { Outcome = PhaseOutcome.Planned };
        }

        await EmitAsync(approval);
    }
}

using System.Management.Automation;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Reports;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Tells the team or the stakeholders of a window something, on the channels of its plan.</summary>
/// <remarks>
/// What was said stands in the execution log. A channel that does not take it now gets it from the next command on the window; how many notices
/// wait is in what is emitted. It needs no lock: a colleague may speak while the runbook runs in another terminal.
/// </remarks>
/// <example>
/// <code>$window | Send-DeploymentNotice 'We wait for the payment provider until 22:30.'</code>
/// <para>Tells the team.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow -Open -Service shop -Environment production | Send-DeploymentNotice 'The shop is read-only for ten minutes.' -Audience Team, Stakeholders</code>
/// <para>Tells everybody, from another terminal.</para>
/// </example>
[Cmdlet(VerbsCommunications.Send, "DeploymentNotice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(NoticeDelivery))]
public sealed class SendDeploymentNoticeCommand : WindowCommand
{
    /// <summary>What is said.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Message { get; set; } = "";

    /// <summary>To whom: Team, Stakeholders or both. The team where it is not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public NoticeAudience[] Audience { get; set; } = [NoticeAudience.Team];

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        if (Window.State != WindowState.Planned)
        {
            await new WindowNotes(Ports).LearnSecretsAsync(Window);
        }

        var told = string.Join(" and ", Audience);
        if (!await ShouldProcessAsync($"{told} of {Window.Id} in {Window.Environment}", $"Say '{Message}'"))
        {
            await EmitAsync(new NoticeDelivery(Window, Sent: 0, Waiting: 0) { Outcome = PhaseOutcome.Planned });
            return;
        }

        var delivery = await new NoticeDesk(Ports, Reporter).SendAsync(Window, Message, Audience, Token);
        await new DeploymentReport(Ports).RefreshAsync(Window, Reporter);
        await EmitAsync(delivery);
    }
}

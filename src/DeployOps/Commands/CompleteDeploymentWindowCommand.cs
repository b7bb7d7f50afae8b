using System.Management.Automation;
using DeployOps.CheckIns;
using DeployOps.Loading;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Reports;
using DeployOps.Windows;
using CompletionResult = DeployOps.Reports.CompletionResult;

namespace DeployOps.Commands;

/// <summary>Ends a window in which every phase passed: stops the old instances and writes the report.</summary>
/// <remarks>
/// It acts once, when all has come through the pipeline, so that it may stand behind a stream of check-ins of one window. Of several windows it takes the first; the others are not touched, and named in an error. It refuses unless every
/// phase of the plan has succeeded; with -Deviation it goes on, and result and report name the phases that did not pass and the reason. Old instances are stopped only after their last request has ended.
/// Where the plan has ExtendedMonitoring, check-ins are registered then; a scheduler that takes none is warned of. Run again on a complete window, it registers what an earlier run was kept from.
/// </remarks>
/// <example>
/// <code>$window | Complete-DeploymentWindow</code>
/// <para>Completes the window and emits a CompletionResult with the paths of report and log.</para>
/// </example>
/// <example>
/// <code>Start-DeploymentWindow ./plan.psd1 | Invoke-DbMigration | Invoke-Rollout | Test-Smoke | Watch-DeploymentHealth | Complete-DeploymentWindow</code>
/// <para>A whole release in one line.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Complete, "DeploymentWindow", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CompletionResult))]
public sealed class CompleteDeploymentWindowCommand : PhaseCommand
{
    private readonly FirstWindow first = new();

    private protected override Task ProcessAsync()
    {
        first.Takes(Window);
        return Task.CompletedTask;
    }

    private protected override async Task EndAsync()
    {
        Window = first.Window ?? throw new DeployOpsException(
            "NothingToComplete",
            FaultKind.InvalidOperation,
            "No window came through the pipeline, so nothing is completed.",
            "See with Get-DeploymentWindow -Open what stands open, and with Get-DeploymentLog why.");

        await RunPhaseAsync(new CompletionPhase(), planned => ($"{Window.Id} in {Window.Environment}", $"Complete: {planned.Summary}"));
        if (first.Untouched("Complete-DeploymentWindow", "complete another one", NextCommand.Complete) is { } untouched)
        {
            await WriteErrorAsync(untouched);
        }
    }

    // The release is complete whatever becomes of it, so a scheduler that takes no check-ins is told and no failure.
    private protected override async Task SucceededAsync(DeploymentWindow window, bool hasConsent)
    {
        var desk = new CheckInDesk(Ports, Reporter);
        try
        {
            if (await desk.OwedAsync(window, new CheckInOrder { Command = CheckInHost.For(window.Id, Ports.Home.Root) }) is var (planned, schedule)
                && (hasConsent || await ShouldProcessAsync($"{window.Id} in {window.Environment}", $"Check in {planned.Summary}")))
            {
                await desk.RegisterAsync(planned, schedule, Token);
            }
        }
        catch (DeployOpsException e)
        {
            Reporter.Warn($"Nobody looks after {window.Id} from here on: {e.Message} Then: Get-DeploymentWindow {window.Id} | Register-ExtendedMonitoring");
        }
    }
}

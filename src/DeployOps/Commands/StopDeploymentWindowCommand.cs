using System.Management.Automation;
using DeployOps.Pipeline;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Ends a window's forward motion without going back, takes one that could not go back as it stands, or declares an owner lost that hangs.</summary>
/// <remarks>
/// Whatever runs gives way at its next safe point; nothing is taken back, and Get-DeploymentWindow ID | Invoke-Rollback still may: where something
/// was changed, a warning says what production is in and how to go back. A window that could not go back stands in the way of the next one until it
/// has, or until it is stopped: say with -Reason how production was put right by hand. On a window that is stopped already it waits, warns and tells the team as the first time,
/// and writes no other reason: so a run that ended early is finished. With -Lost, the process that holds the
/// environment is declared lost: its epoch ends, and should it wake it does nothing further. Do that only when you know that it hangs; one that has
/// ended needs no declaration and is refused as EnvironmentNotHeld.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow -Open -Service shop -Environment production | Stop-DeploymentWindow -Reason 'the release is postponed'</code>
/// <para>Stops what is open in one environment of one service.</para>
/// </example>
/// <example>
/// <code>$window | Stop-DeploymentWindow -Lost -Epoch 7 -Reason 'the jump host froze'</code>
/// <para>Declares the owner of epoch 7 lost; the window stays open for somebody else.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "DeploymentWindow", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DeploymentWindow))]
public sealed class StopDeploymentWindowCommand : WindowCommand
{
    /// <summary>Why; it is written to the execution log.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "";

    /// <summary>Declares the present owner of the environment lost; -Epoch says which.</summary>
    [Parameter]
    public SwitchParameter Lost { get; set; }

    /// <summary>The epoch of the owner that is lost, as Get-DeploymentLog shows it: a newer owner is never declared lost by mistake.</summary>
    [Parameter]
    public long? Epoch { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        if (Lost != Epoch.HasValue)
        {
            throw new DeployOpsException("EpochMissing", FaultKind.InvalidData, "-Lost and -Epoch go together.", "Get-DeploymentLog -Kind LockTaken shows the epoch of the owner you mean.");
        }

        var action = Lost ? $"Declare the owner of epoch {Epoch} lost" : "Stop the window; nothing is taken back";
        if (!await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", action))
        {
            await EmitAsync(Window);
            return;
        }

        var stopper = new WindowStopper(Ports, Reporter);
        if (Lost)
        {
            await RequireYesAsync();
            await EmitAsync(await stopper.DeclareLostAsync(Window, Epoch!.Value, Reason, Token));
        }
        else
        {
            await EmitAsync(await StopAsync(stopper));
        }
    }

    // Whatever becomes of the wait for the owner, the request is written, and the team is to know of it.
    private async Task<DeploymentWindow> StopAsync(WindowStopper stopper)
    {
        try
        {
            return await stopper.StopAsync(Window, Reason, Token);
        }
        finally
        {
            await TellAsync(Window);
        }
    }

    // Two owners at work at once is the worst that can happen, so this asks even where -Confirm was not given.
    private async Task RequireYesAsync()
    {
        if (MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm) && !LanguagePrimitives.IsTrue(confirm))
        {
            return;
        }

        var answer = await Reporter.AskAsync($"Are you sure that the owner of epoch {Epoch} is lost? If it is alive, two runs may change {Window.Environment} at once.", Token);
        if (answer != true)
        {
            throw new DeployOpsException(
                "ConfirmationNeeded",
                FaultKind.Denied,
                $"The owner of epoch {Epoch} was not declared lost: {(answer is null ? "nobody is here to confirm it" : "it was not confirmed")}.",
                "Where nobody can answer, give -Confirm:$false.");
        }
    }
}

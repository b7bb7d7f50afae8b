using System.Management.Automation;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Rollbacks;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Brings production back to the version it served before the window.</summary>
/// <remarks>
/// It works from the journal alone, in any process: whatever runs forward gives way, the old version is healthy at its captured capacity before
/// traffic goes to it, the new one is drained and stopped, and every step is taken back in the reverse order of what really happened. Then the
/// smoke tests that passed before must pass again. On a window that is already rolled back it does nothing and says so. It acts on the first
/// object it gets.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow -Open | Invoke-Rollback -Reason 'payment provider reports declined cards'</code>
/// <para>Goes back from another terminal while the runbook is still running.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollback -Database Restore -AcceptDataLoss</code>
/// <para>Goes back and brings the backup back, losing what was written since.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "Rollback", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RollbackResult))]
public sealed class InvokeRollbackCommand : WindowCommand
{
    private readonly HashSet<string> handled = new(StringComparer.Ordinal);

    /// <summary>Why production goes back; it is written to the execution log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "somebody decided so";

    /// <summary>What happens to the databases: Keep leaves the migrated schema, Down runs the undo scripts, Restore brings the backup back. The plan's Rollback.Database where it is not given.</summary>
    [Parameter]
    public DatabaseRollback? Database { get; set; }

    /// <summary>Accepts that rows written since the backup are lost. Restore refuses without it where there are any, and names them.</summary>
    [Parameter]
    public SwitchParameter AcceptDataLoss { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        if (!handled.Add(Window.Id))
        {
            return;
        }

        var starter = new RollbackStarter(Ports, Reporter) { Database = Database, AcceptDataLoss = AcceptDataLoss };
        var planned = await starter.PlanAsync(Window);
        if (planned.Outcome != PhaseOutcome.Planned || !await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"Go back: {planned.Summary}"))
        {
            await EmitAsync(planned);
            return;
        }

        var ending = await starter.RunAsync(Window, Reason, Token);
        if (ending.Result.Outcome == PhaseOutcome.Cancelled)
        {
            throw new OperationCanceledException();
        }

        if (ending.Error is { } error)
        {
            throw error;
        }

        await EmitAsync(ending.Result);
    }
}

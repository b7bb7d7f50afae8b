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
/// smoke tests that passed before must pass again. On a window that is already rolled back, and where no window comes through the pipeline, it does
/// nothing and says so; an order for another way than the one that was gone is refused, with the command that brings it about. It acts on the first window it gets; others that come after it are not touched, and named in an error.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow -Open -Service shop -Environment production | Invoke-Rollback -Reason 'payment provider reports declined cards'</code>
/// <para>Goes back from another terminal while the runbook is still running.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollback -Database Restore -AcceptDataLoss</code>
/// <para>Goes back and brings the backup back, losing what was written since.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollback -AcceptLessCapacity</code>
/// <para>Goes back although an old instance is lost: the others carry the traffic.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "Rollback", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RollbackResult))]
public sealed class InvokeRollbackCommand : WindowCommand
{
    private readonly FirstWindow first = new();

    /// <summary>Why production goes back; it is written to the execution log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "somebody decided so";

    /// <summary>What happens to the databases: Keep leaves the migrated schema, Down runs the undo scripts, Restore brings the backup back. The plan's Rollback.Database where it is not given.</summary>
    [Parameter]
    public DatabaseRollback? Database { get; set; }

    /// <summary>What happens to the folders of settings: Keep leaves them, Restore makes them what they were when the window was prepared. The plan's Rollback.Configuration where it is not given.</summary>
    [Parameter]
    public ConfigurationRollback? Configuration { get; set; }

    /// <summary>Accepts that rows written since the backup are lost, and those that somebody past the router writes until the database is replaced, which are told. Restore refuses without it where there are any, and names them.</summary>
    [Parameter]
    public SwitchParameter AcceptDataLoss { get; set; }

    /// <summary>Accepts that the old version gets the traffic back without the instances that cannot be made to serve it, where at least one can; those get none. Without it, traffic stays where it is until all of them serve. Of a rolling release every other instance goes back in any case: without it the end is RollbackFailed, which names the lost ones, and undo scripts and backups wait.</summary>
    [Parameter]
    public SwitchParameter AcceptLessCapacity { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        if (first.Takes(Window))
        {
            await GoBackAsync();
        }
    }

    private protected override async Task EndAsync()
    {
        if (first.Window is null)
        {
            Reporter.Warn("No window came through the pipeline, so nothing goes back. Get-DeploymentWindow -Open lists what goes on; a window that was stopped is named by its id: Get-DeploymentWindow ID | Invoke-Rollback.");
        }

        if (first.Untouched("Invoke-Rollback", "go back from another one", NextCommand.Back) is { } untouched)
        {
            await WriteErrorAsync(untouched);
        }
    }

    private async Task GoBackAsync()
    {
        var starter = new RollbackStarter(Ports, Reporter) { Database = Database, Configuration = Configuration, AcceptDataLoss = AcceptDataLoss, AcceptLessCapacity = AcceptLessCapacity };
        var planned = await starter.PlanAsync(Window);
        if (planned.Outcome != PhaseOutcome.Planned || !await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"Go back: {planned.Summary}"))
        {
            await EmitAsync(planned);
            return;
        }

        PhaseEnding<RollbackResult> ending;
        try
        {
            ending = await starter.RunAsync(Window, Reason, Token);
        }
        finally
        {
            await TellAsync(Window);
        }

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

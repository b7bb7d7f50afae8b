using System.Management.Automation;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Pipeline;

/// <summary>What the cmdlets of the phases share: plan, consent, run, emit or fail.</summary>
public abstract class PhaseCommand : WindowCommand
{
    /// <summary>The reason for going on against a gate: a phase that was left out, a window whose time is over, files that changed since the approval, an open incident. It is written to the execution log.</summary>
    [Parameter(ParameterSetName = WindowSet)]
    [ValidateNotNullOrEmpty]
    public string? Deviation { get; set; }

    /// <summary>Plans the phase, asks for consent, runs it and emits its result.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="describe">The target and the action that consent is asked for, from what was planned.</param>
    private protected async Task RunPhaseAsync<TResult>(IPhase<TResult> phase, Func<TResult, (string Target, string Action)> describe)
        where TResult : PhaseResult
    {
        RefusePlanned();
        var runner = new PhaseRunner(Ports, Reporter, Deviation) { IsDryRun = IsWhatIf };
        var prepared = await runner.PrepareAsync(Window, phase, Token);
        if (prepared.IsDone)
        {
            if (!IsWhatIf)
            {
                KeepRecord();
            }

            // The run that did it may have been killed before its report was written, or anybody was told.
            await SucceededAsync(prepared.Window, hasConsent: false);
            await TellAsync(prepared.Window);
            await EmitAsync(prepared.Result);
            return;
        }

        var (target, action) = describe(prepared.Result);
        if (!await ShouldProcessAsync(target, action))
        {
            await EmitAsync(prepared.Result);
            return;
        }

        PhaseEnding<TResult> ending;
        try
        {
            ending = await runner.RunAsync(prepared, Token);
            if (ending.Result is { Outcome: PhaseOutcome.Succeeded, Window: { } window })
            {
                await SucceededAsync(window, hasConsent: true);
            }
        }
        finally
        {
            await TellAsync(prepared.Window);
        }

        await FinishAsync(phase.Traits.Acts, ending);
    }

    /// <summary>Work after a phase that has succeeded, in this run or an earlier one, before its result is emitted. It fails nothing any more.</summary>
    /// <param name="window">The window.</param>
    /// <param name="hasConsent">True where the consent to the phase was for this too; false where nobody was asked yet, and under -WhatIf.</param>
    private protected virtual Task SucceededAsync(DeploymentWindow window, bool hasConsent) => Task.CompletedTask;

    // What acts fails with a terminating error; what judges gives its result first, so that a runbook may look at it.
    private async Task FinishAsync<TResult>(bool acts, PhaseEnding<TResult> ending)
        where TResult : PhaseResult
    {
        if (ending.Result.Outcome == PhaseOutcome.Cancelled)
        {
            throw new OperationCanceledException();
        }

        if (acts && ending.Error is { } error)
        {
            throw error;
        }

        await EmitAsync(ending.Result);
        if (ending.Error is { } verdict)
        {
            await WriteErrorAsync(verdict);
        }
    }
}

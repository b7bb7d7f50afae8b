using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Steps;

/// <summary>
/// Performs steps so that nothing is forgotten: the intent is on the disk before the effect, the outcome after it. What is done is skipped;
/// what was begun and not seen to end is probed.
/// </summary>
internal sealed class StepRunner(WindowSession session, IStepReporter reporter)
{
    private int total;
    private int number;

    /// <summary>Performs the steps in order; ends at the first that fails.</summary>
    internal Task RunAsync(IReadOnlyList<IStep> steps, CancellationToken cancellationToken) => RunAsync([steps], 1, cancellationToken);

    /// <summary>Performs stages in order, the steps of one at the same time as far as may be; ends at the stage in which one fails.</summary>
    /// <param name="stages">The stages.</param>
    /// <param name="atOnce">How many steps of a stage are performed at the same time; 1 or more.</param>
    /// <param name="cancellationToken">Ends it; what was begun is probed by whoever carries on.</param>
    internal async Task RunAsync(IReadOnlyList<IReadOnlyList<IStep>> stages, int atOnce, CancellationToken cancellationToken)
    {
        total = stages.Sum(stage => stage.Count);
        number = 0;
        foreach (var stage in stages)
        {
            await RunTogetherAsync(stage, atOnce, cancellationToken);
        }
    }

    // The first that fails keeps others from being begun; those under way come to their end, so that nothing is left half done.
    private async Task RunTogetherAsync(IReadOnlyList<IStep> stage, int atOnce, CancellationToken cancellationToken)
    {
        var waiting = new ConcurrentQueue<IStep>(stage);
        var failures = new ConcurrentQueue<Exception>();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, stage.Count)).Select(_ => WorkAsync()));
        if (failures.TryDequeue(out var first))
        {
            ExceptionDispatchInfo.Throw(first);
        }

        async Task WorkAsync()
        {
            while (failures.IsEmpty && waiting.TryDequeue(out var step))
            {
                try
                {
                    await RunAsync(step, cancellationToken);
                }
                catch (Exception e)
                {
                    failures.Enqueue(e);
                }
            }
        }
    }

    /// <summary>Takes one step back, however far it got.</summary>
    internal async Task UndoAsync(IStep step, CancellationToken cancellationToken)
    {
        session.ThrowIfStale();
        await WriteAsync(step, JournalKind.Intent, StepState.UndoIntended, $"Undo: {step.Identity.Change}", null);
        await AttemptAsync(step, step.UndoAsync, StepState.Undone, StepState.UndoFailed, cancellationToken);
    }

    private async Task RunAsync(IStep step, CancellationToken cancellationToken)
    {
        var before = Interlocked.Increment(ref number) - 1;
        switch (session.Facts.Step(step.Identity.Key)?.State)
        {
            case StepState.Done:
                return;
            case StepState.Intended when await WasItDoneAsync(step, cancellationToken):
                return;
            default:
                await DoAsync(step, before, cancellationToken);
                return;
        }
    }

    private async Task DoAsync(IStep step, int before, CancellationToken cancellationToken)
    {
        await session.ThrowIfToStopAsync();
        await RequireTimeAsync(step.Identity);
        cancellationToken.ThrowIfCancellationRequested();
        reporter.Progress(step.Identity.Phase.ToString(), step.Identity.Change, 100 * before / total);
        await WriteAsync(step, JournalKind.Intent, StepState.Intended, step.Identity.Change, null);
        await AttemptAsync(step, step.DoAsync, StepState.Done, StepState.Failed, cancellationToken);
    }

    // The window may have ended while earlier steps ran. Going back always may.
    private async Task RequireTimeAsync(StepIdentity step)
    {
        var isBack = step.Phase == DeploymentPhase.Rollback;
        if (isBack || PhaseGuard.Expired(session.Facts, step.Phase, session.Now, step.Change) is not { } expired || session.Facts.Deviates(step.Phase, expired.ErrorId))
        {
            return;
        }

        if (session.Deviation is null)
        {
            throw expired;
        }

        await session.DeviateAsync(step.Phase, expired, session.Deviation);
    }

    private async Task<bool> WasItDoneAsync(IStep step, CancellationToken cancellationToken)
    {
        var (answer, met) = await ProbeAsync(step, cancellationToken);
        await session.AppendGateAsync(step.Identity.Phase, answer);
        switch (answer.Verdict)
        {
            case GateVerdict.Pass:
                await WriteAsync(step, JournalKind.Outcome, StepState.Done, $"Found in effect: {step.Identity.Change}", answer.Detail);
                return true;
            case GateVerdict.Fail:
                return false;
            default:
                throw new DeployOpsException(
                    "StepStateUnknown",
                    FaultKind.Failed,
                    $"An earlier run began '{step.Identity.Change}' and did not see it end, and now it cannot be told: {PhaseFailure.Sentence(answer.Detail)}",
                    met?.NextStep ?? "See that what is asked for it answers.",
                    met);
        }
    }

    // What cannot be asked, as where router or database went down with the run before, answers as little as what says that it does not know.
    private static async Task<(GateResult Answer, DeployOpsException? Met)> ProbeAsync(IStep step, CancellationToken cancellationToken)
    {
        try
        {
            return (await step.ProbeAsync(cancellationToken), null);
        }
        catch (DeployOpsException e) when (e.ErrorId is not ("JournalBroken" or "EpochStale") && !cancellationToken.IsCancellationRequested)
        {
            return (GateResult.Unknown($"probe of {step.Identity.Key}", e.Fact), e);
        }
        catch (Exception e) when (e is not DeployOpsException && !cancellationToken.IsCancellationRequested)
        {
            return (GateResult.Unknown($"probe of {step.Identity.Key}", e.Message), new DeployOpsException("UnexpectedFailure", FaultKind.Failed, e.Message, innerException: e));
        }
    }

    private async Task AttemptAsync(IStep step, Func<CancellationToken, Task<string>> act, StepState good, StepState bad, CancellationToken cancellationToken)
    {
        string evidence;
        // This process may have stood still since it wrote the intent, and another have taken over.
        session.ThrowIfStale();
        try
        {
            evidence = await act(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The intent stands without an outcome: whoever comes next probes.
            throw;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not DeployOpsException { ErrorId: "JournalBroken" or "EpochStale" })
        {
            // What was ended in the middle may fail in words of its own, as a script whose program got the terminal's Ctrl+C.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (e is not DeployOpsException { ErrorId: "JournalBroken" or "EpochStale" })
        {
            await WriteAsync(step, JournalKind.Outcome, bad, e.Message, e.Message, bad == StepState.Failed && e is DeployOpsException { IsAsBefore: true });
            throw;
        }

        await WriteAsync(step, JournalKind.Outcome, good, evidence, evidence);
    }

    private Task WriteAsync(IStep step, JournalKind kind, StepState state, string message, string? evidence, bool leftAsBefore = false) =>
        session.AppendAsync(new JournalEntry(kind, message)
        {
            Phase = step.Identity.Phase,
            Target = step.Identity.Key,
            Detail = JournalJson.ToNode(new StepRecord(state, evidence) { LeftAsBefore = leftAsBefore ? true : null }),
        });
}

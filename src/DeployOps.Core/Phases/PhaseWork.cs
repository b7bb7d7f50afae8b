using DeployOps.Production;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>Runs a phase's own work and turns whatever it ends with into a result with its error.</summary>
internal static class PhaseWork
{
    /// <summary>Runs it. What leaves no journal to write to, or is not this run's any more, is thrown on.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancelled">Signalled by the operator, where the context's own token is also signalled by other terminals.</param>
    internal static async Task<PhaseAttempt<TResult>> AttemptAsync<TResult>(IPhase<TResult> phase, PhaseContext context, CancellationToken cancelled)
        where TResult : PhaseResult
    {
        try
        {
            var result = await phase.RunAsync(context);
            return new PhaseAttempt<TResult>(result, result.Outcome switch
            {
                PhaseOutcome.Succeeded => null,
                PhaseOutcome.Inconclusive => new DeployOpsException("EvidenceMissing", FaultKind.Failed, result.Summary, "Bring the evidence back, then run it again:"),
                _ => new DeployOpsException(phase.Traits.FailureId, FaultKind.Failed, result.Summary),
            });
        }
        catch (SupersededException e)
        {
            return Ended(PhaseOutcome.Superseded, e.Fact, e);
        }
        catch (OperationCanceledException e) when (!cancelled.IsCancellationRequested && context.Session.Superseded.IsCancellationRequested)
        {
            var error = await WhyStoppedAsync(context.Session, e);
            // Where it could not be read whether anybody asked, nobody did, and nothing was said against the release.
            return Ended(error is SupersededException or { ErrorId: "EpochStale" } ? PhaseOutcome.Superseded : PhaseOutcome.Inconclusive, error.Fact, error);
        }
        catch (Exception e) when (cancelled.IsCancellationRequested && e is not DeployOpsException { ErrorId: "JournalBroken" or "EpochStale" })
        {
            // What Ctrl+C ends, such as a program that the deploy script runs, may fail in words of its own: that is no verdict on the release.
            return Ended(
                PhaseOutcome.Cancelled,
                $"{phase.Traits.Phase} was cancelled while it was at work.",
                new DeployOpsException("Cancelled", FaultKind.Stopped, $"Ctrl+C, or what stopped the pipeline, came while work was in flight.{Words(e)}", innerException: e));
        }
        catch (DeployOpsException e) when (e.ErrorId is "WindowExpired" or "StepStateUnknown" or "EnvironmentUnusable" or "EnvironmentStateInvalid")
        {
            // Neither the time nor what cannot be told says anything against the release: how to go on is a person's to decide.
            return Ended(PhaseOutcome.Inconclusive, e.Fact, e);
        }
        catch (DeployOpsException e) when (e.ErrorId is not ("JournalBroken" or "EpochStale"))
        {
            return Ended(PhaseOutcome.Failed, e.Fact, e);
        }
        catch (Exception e) when (e is not DeployOpsException)
        {
            var error = new DeployOpsException("UnexpectedFailure", FaultKind.Failed, $"{phase.Traits.Phase} met something it did not expect: {e.GetType().Name}: {e.Message}", innerException: e);
            return Ended(PhaseOutcome.Failed, error.Fact, error);
        }

        PhaseAttempt<TResult> Ended(PhaseOutcome outcome, string summary, DeployOpsException error) =>
            new(phase.End(outcome, summary), error) { At = StepWords.At(StepWords.Unfinished(context.Session.Facts, phase.Traits.Phase)) };
    }

    private static string Words(Exception met)
    {
        var failure = met is OperationCanceledException ? met.InnerException : met;
        return failure is null ? "" : $" It ended with: {PhaseFailure.Sentence((failure as DeployOpsException)?.Fact ?? failure.Message)}";
    }

    private static async Task<DeployOpsException> WhyStoppedAsync(WindowSession session, Exception cause)
    {
        try
        {
            await session.ThrowIfToStopAsync();
        }
        catch (DeployOpsException e)
        {
            return e;
        }

        var met = session.Unseen ?? cause;
        return new DeployOpsException(
            "RequestsUnreadable",
            FaultKind.Failed,
            $"Twice in a row it could not be read whether anybody asked the window to stop, so the work was ended: {(met as DeployOpsException)?.Fact ?? met.Message}",
            "It can be read again now.",
            met);
    }
}

using DeployOps.Journal;
using DeployOps.Rollbacks;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What follows where a phase has failed: the way back as the plan says, or the reason why nothing goes back.</summary>
internal sealed class PhaseWayBack(Ports ports, IStepReporter reporter)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>Goes back where the plan, or the person it asks, says so.</summary>
    internal async Task<PhaseAttempt<TResult>> GoBackAsync<TResult>(IPhase<TResult> phase, PhaseContext context, PhaseAttempt<TResult> failed, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        var (name, error) = (phase.Traits.Phase, failed.Error!);
        await context.Session.AppendAsync(new JournalEntry(JournalKind.Gate, $"{name} failed: {error.Fact}") { Phase = name, Target = error.ErrorId });
        switch (name)
        {
            case DeploymentPhase.Preparation:
                return failed;
            case DeploymentPhase.Completion:
                // Every gate has passed: what keeps an old instance from being stopped says nothing against the release.
                return failed with { Rest = $" {context.Plan.Release} has passed and serves." };
            default:
                break;
        }

        // What a person decided while it failed goes before what the plan says.
        if (PhaseGuard.Refusal(context.Session.Facts) is { } closed)
        {
            return GiveWay(phase, failed, closed);
        }

        try
        {
            if (!await ShallGoBackAsync(name, context, error, cancellationToken))
            {
                return failed;
            }
        }
        catch (SupersededException e)
        {
            return GiveWay(phase, failed, e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // How the phase ended is told all the same.
            return failed with { Rest = " It did not go back: Ctrl+C came at the question." };
        }

        try
        {
            // Begun with what is cancelled already, going back would end before its first step, and the same command would then finish it.
            cancellationToken.ThrowIfCancellationRequested();
            if (!phase.Traits.Acts)
            {
                await context.Session.TakeLockAsync(ports.Operator.Name, LockPatience, cancellationToken);
            }

            await context.Session.RefreshAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return failed with { Rest = " It did not go back: Ctrl+C came before it." };
        }
        catch (DeployOpsException e) when (e.ErrorId is not ("EpochStale" or "JournalBroken" or "JournalCorrupt"))
        {
            // The verdict stands, whatever keeps it from being acted on.
            return failed with { Rest = $" It did not go back by itself: {PhaseFailure.Sentence(e.Fact)}", Decides = e };
        }

        // Whoever held the lock while it judged, or answered elsewhere while it asked, may have decided meanwhile.
        return PhaseGuard.Refusal(context.Session.Facts) is { } ended ? GiveWay(phase, failed, ended) : await GoBackNowAsync(phase, context, failed, cancellationToken);
    }

    private async Task<PhaseAttempt<TResult>> GoBackNowAsync<TResult>(IPhase<TResult> phase, PhaseContext context, PhaseAttempt<TResult> failed, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        var (result, met) = await new RollbackRunner(ports, reporter).RunAsync(
            context.Session, new RollbackOrder($"{phase.Traits.Phase} failed: {failed.Error!.Fact}"), cancellationToken);
        var ended = failed with { Result = phase.End(result.Outcome, $"{failed.Result.Summary} {result.Summary}") };

        return met is null ? ended : ended with { Rest = $" {PhaseFailure.Sentence(result.Summary)}", Decides = met };
    }

    private static PhaseAttempt<TResult> GiveWay<TResult>(IPhase<TResult> phase, PhaseAttempt<TResult> failed, DeployOpsException closed)
        where TResult : PhaseResult =>
        failed with { Result = phase.End(PhaseOutcome.Superseded, $"{failed.Result.Summary} {closed.Fact}"), Rest = $" {closed.Fact}" };

    private async Task<bool> ShallGoBackAsync(DeploymentPhase phase, PhaseContext context, DeployOpsException error, CancellationToken cancellationToken) => context.Plan.Rollback.When switch
    {
        RollbackTrigger.Automatic => true,
        // Where nobody can answer, doubt means back.
        RollbackTrigger.Ask => await AskHeedingAsync(context.Session, $"{phase} failed: {error.Fact} Go back to the old version now?", cancellationToken) ?? true,
        _ => false,
    };

    // While a prompt waits for somebody, a colleague may have decided in another terminal.
    private async Task<bool?> AskHeedingAsync(WindowSession session, string question, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Superseded);
        try
        {
            return await reporter.ProposeAsync(question, linked.Token);
        }
        catch (OperationCanceledException) when (session.Superseded.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await session.ThrowIfToStopAsync();
            throw;
        }
    }
}

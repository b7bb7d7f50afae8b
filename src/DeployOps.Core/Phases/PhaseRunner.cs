using System.Text.Json;
using DeployOps.Journal;
using DeployOps.Reports;
using DeployOps.Rollbacks;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>
/// The frame every phase runs in: may it begin, is it already done, the lock, the record that it began, the way back where it fails and the
/// plan says so, the record that it ended, and the lock let go before anything is emitted.
/// </summary>
public sealed class PhaseRunner
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    private readonly Ports ports;
    private readonly IStepReporter reporter;
    private readonly string? deviation;

    /// <summary>Makes the frame for one phase of one cmdlet.</summary>
    /// <param name="ports">What is outside the domain.</param>
    /// <param name="reporter">Who is told and asked.</param>
    /// <param name="deviation">The reason somebody gave for going on against a gate; null where none was given.</param>
    public PhaseRunner(Ports ports, IStepReporter reporter, string? deviation = null)
    {
        this.ports = ports;
        this.reporter = reporter;
        this.deviation = deviation;
    }

    /// <summary>Plans a phase of a window without changing anything.</summary>
    /// <exception cref="DeployOpsException">Why it may not begin.</exception>
    internal async Task<PreparedPhase<TResult>> PrepareAsync<TResult>(DeploymentWindow window, IPhase<TResult> phase, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        if (window.State == WindowState.Planned)
        {
            var disk = WindowPlan.OnDisk(window.PlanPath, ports);
            var planned = await phase.PlanAsync(Context(disk.Plan, disk.Files, null, window, cancellationToken));
            return new PreparedPhase<TResult>(phase, window, planned with { Window = window }, isDone: false);
        }

        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        if (AlreadyDone<TResult>(session, phase.Traits.Phase) is { } done)
        {
            return new PreparedPhase<TResult>(phase, session.Window, done, isDone: true);
        }

        var context = await EnterAsync(session, phase.Traits.Phase, record: false, cancellationToken);
        var result = await phase.PlanAsync(context);

        return new PreparedPhase<TResult>(phase, session.Window, result with { Window = session.Window }, isDone: false);
    }

    /// <summary>Runs a prepared phase to its end, back included.</summary>
    /// <exception cref="DeployOpsException">Why it may not begin, or that its journal broke.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; where work was in flight the journal says so.</exception>
    internal async Task<PhaseEnding<TResult>> RunAsync<TResult>(PreparedPhase<TResult> prepared, CancellationToken cancellationToken, EnvironmentLock? held = null)
        where TResult : PhaseResult
    {
        var phase = prepared.Phase;
        await using var session = await WindowSession.OpenAsync(prepared.Window.Folder, ports);
        if (held is not null)
        {
            await session.AdoptAsync(held);
        }

        // Cancelled before any work, nothing is written.
        cancellationToken.ThrowIfCancellationRequested();
        if (held is null && phase.Traits.Acts)
        {
            await session.TakeLockAsync(ports.Operator.Name, LockPatience, cancellationToken);
        }

        // Looked for again under the lock: the same command in another process may have ended the phase since it was planned.
        if (AlreadyDone<TResult>(session, phase.Traits.Phase) is { } done)
        {
            return new PhaseEnding<TResult>(done, null);
        }

        session.StartHeeding();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Superseded);
        var context = await EnterAsync(session, phase.Traits.Phase, record: true, linked.Token);
        await session.AppendAsync(new JournalEntry(JournalKind.PhaseStarted, $"{phase.Traits.Phase} began") { Phase = phase.Traits.Phase });
        var start = ports.TimeProvider.GetTimestamp();

        var (result, error) = await AttemptAsync(phase, context, cancellationToken);

        if (result.Outcome is PhaseOutcome.Failed)
        {
            (result, error) = await GoBackAsync(phase, context, result, error!, cancellationToken);
        }

        return await EndAsync(phase, session, result with { StartedAt = session.Facts.Phase(phase.Traits.Phase)!.StartedAt, Duration = ports.TimeProvider.GetElapsedTime(start) }, error);
    }

    private async Task<PhaseContext> EnterAsync(WindowSession session, DeploymentPhase phase, bool record, CancellationToken cancellationToken)
    {
        var facts = session.Facts;
        if (PhaseGuard.Refusal(facts) is { } refusal)
        {
            throw refusal;
        }

        var force = WindowPlan.InForce(session, ports);
        var needs = PhaseGuard.NeedsDeviation(facts, force.Plan, phase, ports.TimeProvider.GetUtcNow()).ToList();
        if (force.Changes is { } changes)
        {
            needs.Add(changes);
        }

        if (needs.Count > 0 && deviation is null)
        {
            throw needs[0];
        }

        if (needs.Count > 0 && record)
        {
            force = await DeviateAsync(session, phase, needs, force);
        }

        return Context(force.Plan, force.Files, session, session.Window, cancellationToken);
    }

    private async Task<WindowPlan> DeviateAsync(WindowSession session, DeploymentPhase phase, List<DeployOpsException> needs, WindowPlan force)
    {
        foreach (var need in needs)
        {
            await session.AppendAsync(new JournalEntry(JournalKind.Deviation, $"{deviation} (against {need.ErrorId}: {need.Message})")
            {
                Phase = phase,
                Target = need.ErrorId,
                Detail = need.ErrorId == "PlanChanged" ? JournalJson.ToNode(new FileDeviation(force.KeepDisk(session.Folder))) : null,
            });
        }

        return needs.Exists(need => need.ErrorId == "PlanChanged") ? WindowPlan.InForce(session, ports) : force;
    }

    private static async Task<(TResult Result, DeployOpsException? Error)> AttemptAsync<TResult>(IPhase<TResult> phase, PhaseContext context, CancellationToken cancelled)
        where TResult : PhaseResult
    {
        try
        {
            var result = await phase.RunAsync(context);
            return (result, result.Outcome switch
            {
                PhaseOutcome.Succeeded => null,
                PhaseOutcome.Inconclusive => new DeployOpsException("EvidenceMissing", FaultKind.Failed, result.Summary, "Bring the evidence back and run the same command again, or go back with Invoke-Rollback."),
                _ => new DeployOpsException(phase.Traits.FailureId, FaultKind.Failed, result.Summary),
            });
        }
        catch (SupersededException e)
        {
            return (phase.End(PhaseOutcome.Superseded, e.Message), e);
        }
        catch (OperationCanceledException e) when (!cancelled.IsCancellationRequested && context.Session.Superseded.IsCancellationRequested)
        {
            var error = await WhyStoppedAsync(context.Session, e);
            return (phase.End(PhaseOutcome.Superseded, error.Message), error);
        }
        catch (OperationCanceledException e) when (cancelled.IsCancellationRequested)
        {
            var message = $"{phase.Traits.Phase} was cancelled while it was at work.";
            return (phase.End(PhaseOutcome.Cancelled, message), new DeployOpsException("Cancelled", FaultKind.Stopped, message, "The same command carries on from here.", e));
        }
        catch (DeployOpsException e) when (e.ErrorId is not ("JournalBroken" or "EpochStale"))
        {
            return (phase.End(PhaseOutcome.Failed, e.Message), e);
        }
        catch (Exception e) when (e is not DeployOpsException)
        {
            var error = new DeployOpsException("UnexpectedFailure", FaultKind.Failed, $"{phase.Traits.Phase} met something it did not expect: {e.GetType().Name}: {e.Message}", innerException: e);
            return (phase.End(PhaseOutcome.Failed, error.Message), error);
        }
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

        return new DeployOpsException("WindowSuperseded", FaultKind.Stopped, "The run was stopped by another one.", innerException: cause);
    }

    private async Task<(TResult Result, DeployOpsException Error)> GoBackAsync<TResult>(
        IPhase<TResult> phase, PhaseContext context, TResult result, DeployOpsException error, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        await context.Session.AppendAsync(new JournalEntry(JournalKind.Gate, $"{phase.Traits.Phase} failed: {error.Message}") { Phase = phase.Traits.Phase, Target = error.ErrorId });
        if (phase.Traits.Phase == DeploymentPhase.Preparation)
        {
            return (result, Told(error, result, "Nothing was changed; mend the cause and run the same command again."));
        }

        if (phase.Traits.Phase == DeploymentPhase.Completion)
        {
            // Every gate has passed: what keeps an old instance from being stopped says nothing against the release.
            return (result, Told(error, result, $"{context.Plan.Release} has passed and serves; nothing went back. Mend the cause and run Complete-DeploymentWindow again."));
        }

        if (!phase.Traits.Acts && PhaseGuard.Refusal(context.Session.Facts) is { } closed)
        {
            return GiveWay(phase, result, closed);
        }

        if (!await ShallGoBackAsync(phase.Traits.Phase, context, error, cancellationToken))
        {
            return (result, Told(error, result, "Nothing went back; go back with Invoke-Rollback, or mend the cause and run the same command again."));
        }

        if (!phase.Traits.Acts)
        {
            try
            {
                await context.Session.TakeLockAsync(ports.Operator.Name, LockPatience, cancellationToken);
            }
            catch (DeployOpsException e) when (e.ErrorId == "EnvironmentBusy")
            {
                return (result, Told(error, result, $"Nothing went back: {e.Message}"));
            }

            // It judged without the lock: whoever held it may have gone back meanwhile.
            if (PhaseGuard.Refusal(context.Session.Facts) is { } ended)
            {
                return GiveWay(phase, result, ended);
            }
        }

        return await GoBackNowAsync(phase, context, result, error, cancellationToken);
    }

    private async Task<(TResult Result, DeployOpsException Error)> GoBackNowAsync<TResult>(
        IPhase<TResult> phase, PhaseContext context, TResult result, DeployOpsException error, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        var rollback = await new RollbackRunner(ports, reporter).RunAsync(
            context.Session, new RollbackOrder($"{phase.Traits.Phase} failed: {error.Message}"), cancellationToken);
        var ended = phase.End(rollback.Outcome, $"{result.Summary} {rollback.Summary}");

        return (ended, Told(error, ended, rollback.Summary));
    }

    private static (TResult Result, DeployOpsException Error) GiveWay<TResult>(IPhase<TResult> phase, TResult result, DeployOpsException closed)
        where TResult : PhaseResult => (phase.End(PhaseOutcome.Superseded, $"{result.Summary} {closed.Message}"), closed);

    private async Task<bool> ShallGoBackAsync(DeploymentPhase phase, PhaseContext context, DeployOpsException error, CancellationToken cancellationToken) => context.Plan.Rollback.When switch
    {
        RollbackTrigger.Automatic => true,
        // Where nobody can answer, doubt means back.
        RollbackTrigger.Ask => await reporter.AskAsync($"{phase} failed: {error.Message} Go back to the old version now?", cancellationToken) ?? true,
        _ => false,
    };

    private static DeployOpsException Told(DeployOpsException error, PhaseResult result, string rest) =>
        new(error.ErrorId, error.Kind, error.Message, rest, error.InnerException ?? error) { Target = result };

    private async Task<PhaseEnding<TResult>> EndAsync<TResult>(IPhase<TResult> phase, WindowSession session, TResult result, DeployOpsException? error)
        where TResult : PhaseResult
    {
        result = result.Redacted(ports.Redactor);
        var end = new PhaseEnd(result.Outcome, JsonSerializer.SerializeToNode(result with { Window = null }, JournalJson.Options));
        await session.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, result.Summary) { Phase = phase.Traits.Phase, Detail = JournalJson.ToNode(end) });
        new DeploymentReport(ports).Refresh(session, reporter);
        var emitted = result with { Window = session.Window };

        return new PhaseEnding<TResult>(emitted, error is null ? null : new DeployOpsException(error.ErrorId, error.Kind, error.Message, null, error.InnerException) { Target = emitted });
    }

    private static TResult? AlreadyDone<TResult>(WindowSession session, DeploymentPhase phase)
        where TResult : PhaseResult
    {
        var facts = session.Facts.State is WindowState.Open or WindowState.Completed ? session.Facts.Phase(phase) : null;
        return facts is { Outcome: PhaseOutcome.Succeeded, Result: not null } ? facts.ReadResult<TResult>() with { Window = session.Window } : null;
    }

    private PhaseContext Context(Plans.DeploymentPlan plan, Plans.ApprovedFiles files, WindowSession? session, DeploymentWindow window, CancellationToken cancellationToken) => new()
    {
        Plan = plan,
        Files = files,
        OpenSession = session,
        Ports = ports,
        Reporter = reporter,
        Token = cancellationToken,
        Window = window,
    };
}

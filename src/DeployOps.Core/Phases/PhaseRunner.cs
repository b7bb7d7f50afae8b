using System.Text.Json;
using DeployOps.Gates;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Production;
using DeployOps.Reports;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

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
    private bool hasBegun;

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

    /// <summary>True where phases are only planned, one after another: then those before need not have ended, but none may have ended otherwise than well.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Plans a phase of a window without changing anything.</summary>
    /// <exception cref="DeployOpsException">Why it may not begin.</exception>
    internal async Task<PreparedPhase<TResult>> PrepareAsync<TResult>(DeploymentWindow window, IPhase<TResult> phase, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        if (window.State == WindowState.Planned)
        {
            var disk = WindowPlan.OnDisk(window.PlanPath, ports);
            if (deviation is null && phase.Shortfalls(disk.Plan).FirstOrDefault() is { } shortfall)
            {
                throw shortfall;
            }

            var planned = await phase.PlanAsync(Context(disk.Plan, disk.Files, null, window, cancellationToken));
            return new PreparedPhase<TResult>(phase, window, planned with { Window = window }, isDone: false);
        }

        await using var session = await OpenAsync(window, phase.Traits.Phase);
        return await ToldAsync(session, phase.Traits.Phase, async () =>
        {
            if (AlreadyDone<TResult>(session, phase.Traits.Phase) is { } done)
            {
                return new PreparedPhase<TResult>(phase, session.Window, done, isDone: true);
            }

            var context = await EnterAsync(session, phase, record: false, cancellationToken);
            var result = await phase.PlanAsync(context);

            return new PreparedPhase<TResult>(phase, session.Window, result with { Window = session.Window }, isDone: false);
        });
    }

    /// <summary>Runs a prepared phase to its end, back included.</summary>
    /// <exception cref="DeployOpsException">Why it may not begin, or that its journal broke.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; where work was in flight the journal says so.</exception>
    internal async Task<PhaseEnding<TResult>> RunAsync<TResult>(PreparedPhase<TResult> prepared, CancellationToken cancellationToken, EnvironmentLock? held = null)
        where TResult : PhaseResult
    {
        await using var session = await OpenAsync(prepared.Window, prepared.Phase.Traits.Phase);
        return await ToldAsync(session, prepared.Phase.Traits.Phase, () => RunAsync(session, prepared.Phase, held, cancellationToken));
    }

    private async Task<PhaseEnding<TResult>> RunAsync<TResult>(WindowSession session, IPhase<TResult> phase, EnvironmentLock? held, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
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
        var context = await EnterHeedingAsync(session, phase, linked.Token, cancellationToken);
        await session.AppendAsync(new JournalEntry(JournalKind.PhaseStarted, $"{phase.Traits.Phase} began") { Phase = phase.Traits.Phase });
        hasBegun = true;
        var start = ports.TimeProvider.GetTimestamp();

        var attempt = await PhaseWork.AttemptAsync(phase, context, cancellationToken);
        if (attempt.Result.Outcome is PhaseOutcome.Failed)
        {
            attempt = await new PhaseWayBack(ports, reporter).GoBackAsync(phase, context, attempt, cancellationToken);
        }

        var timed = attempt.Result with { StartedAt = session.Facts.Phase(phase.Traits.Phase)!.StartedAt, Duration = ports.TimeProvider.GetElapsedTime(start) };
        return await EndAsync(session, phase.Traits.Phase, attempt with { Result = timed });
    }

    // Whatever a log that cannot be read or trusted keeps from beginning, nothing can be told of production.
    private async Task<WindowSession> OpenAsync(DeploymentWindow window, DeploymentPhase phase)
    {
        try
        {
            return await WindowSession.OpenAsync(window.Folder, ports, deviation);
        }
        catch (DeployOpsException e)
        {
            throw PhaseFailure.Untold(e, window, phase);
        }
    }

    private async Task<T> ToldAsync<T>(WindowSession session, DeploymentPhase phase, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DeployOpsException e) when (session.Records.Count > 0)
        {
            throw PhaseFailure.Outside(e, session, phase, hasBegun);
        }
    }

    // Who asks for incidents may have to give way meanwhile: then that is said, and not that something was cancelled.
    private async Task<PhaseContext> EnterHeedingAsync<TResult>(WindowSession session, IPhase<TResult> phase, CancellationToken heeding, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        try
        {
            return await EnterAsync(session, phase, record: true, heeding);
        }
        catch (OperationCanceledException) when (session.Superseded.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await session.ThrowIfToStopAsync();
            throw;
        }
    }

    private async Task<PhaseContext> EnterAsync<TResult>(WindowSession session, IPhase<TResult> phase, bool record, CancellationToken cancellationToken)
        where TResult : PhaseResult
    {
        var facts = session.Facts;
        if (PhaseGuard.Refusal(facts) is { } refusal)
        {
            throw refusal;
        }

        var force = WindowPlan.InForce(session, ports);
        var changes = force.Changes;
        if (changes is not null && deviation is not null)
        {
            force = force.Taken(facts, ports);
        }

        var needs = PhaseGuard.NeedsDeviation(facts, force.Plan, phase.Traits.Phase, ports.TimeProvider.GetUtcNow(), isDryRun: IsDryRun).ToList();
        if (changes is not null)
        {
            needs.Add(changes);
        }

        needs.AddRange(phase.Shortfalls(force.Plan));
        if (record && await IncidentsAsync(session, phase.Traits.Phase, force.Plan, cancellationToken) is { } incidents)
        {
            needs.Add(incidents);
        }

        if (needs.Count > 0 && deviation is null)
        {
            throw PhaseFailure.AsOne(needs);
        }

        if (needs.Count > 0 && record)
        {
            await DeviateAsync(session, phase.Traits.Phase, needs, force);
        }

        return Context(force.Plan, force.Files, session, session.Window, cancellationToken);
    }

    // Asked again before each phase: an incident may have begun since the last one.
    private async Task<DeployOpsException?> IncidentsAsync(WindowSession session, DeploymentPhase phase, Plans.DeploymentPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Health.Incidents.Count == 0)
        {
            return null;
        }

        var gate = await new IncidentGate(ports, reporter).AskAsync(plan.Health.Incidents, cancellationToken);
        await session.AppendGateAsync(phase, gate);
        if (gate.Verdict == GateVerdict.Pass)
        {
            return null;
        }

        var refusal = IncidentGate.Refusal(session.Facts, phase, gate);
        if (gate.Verdict == GateVerdict.Fail || deviation is not null || await reporter.AskAsync($"{refusal.Fact} Go on all the same?", cancellationToken) != true)
        {
            return refusal;
        }

        await session.DeviateAsync(phase, refusal, $"{ports.Operator.Name} was asked and goes on");
        return null;
    }

    private async Task DeviateAsync(WindowSession session, DeploymentPhase phase, List<DeployOpsException> needs, WindowPlan force)
    {
        foreach (var need in needs)
        {
            reporter.Warn($"It goes on against {need.ErrorId}: {need.Fact}");
            await session.DeviateAsync(phase, need, deviation!, need.ErrorId == "PlanChanged" ? new FileDeviation(force.Keep(session.Folder)) : null);
        }
    }

    private async Task<PhaseEnding<TResult>> EndAsync<TResult>(WindowSession session, DeploymentPhase phase, PhaseAttempt<TResult> attempt)
        where TResult : PhaseResult
    {
        var result = attempt.Result with { Production = ProductionState.Of(session.Facts).ToString() };
        var next = attempt.Error is null ? null : NextCommand.After(session.Facts, phase, result.Outcome, attempt.Decides ?? attempt.Error);
        result = (result with { NextCommand = next?.Command ?? "" }).Redacted(ports.Redactor);
        var end = new PhaseEnd(result.Outcome, JsonSerializer.SerializeToNode(result with { Window = null }, JournalJson.Options));
        await session.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, result.Summary) { Phase = phase, Detail = JournalJson.ToNode(end) });
        new DeploymentReport(ports).Refresh(session, reporter);
        var emitted = result with { Window = session.Window };

        return new PhaseEnding<TResult>(emitted, next is null ? null : PhaseFailure.Ended(phase, attempt, emitted, next));
    }

    private static TResult? AlreadyDone<TResult>(WindowSession session, DeploymentPhase phase)
        where TResult : PhaseResult
    {
        var facts = session.Facts.State is WindowState.Open or WindowState.Completed ? session.Facts.Phase(phase) : null;
        return facts is { Outcome: PhaseOutcome.Succeeded, Result: not null } ? facts.ReadResult<TResult>() with { Window = session.Window } : null;
    }

    private PhaseContext Context(Plans.DeploymentPlan plan, Plans.Approvals.ApprovedFiles files, WindowSession? session, DeploymentWindow window, CancellationToken cancellationToken) => new()
    {
        Plan = plan,
        Files = files,
        OpenSession = session,
        Ports = ports,
        Reporter = reporter,
        Token = cancellationToken,
        Window = window,
        Deviation = deviation,
    };
}

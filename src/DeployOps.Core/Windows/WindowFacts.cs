using System.Collections.Immutable;
using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Steps;
using DeployOps.Windows.Homes;

namespace DeployOps.Windows;

/// <summary>The state of a window: a fold over its journal, stored nowhere else. What was folded once is not folded again when records follow.</summary>
internal sealed class WindowFacts
{
    // Immutable, so that who holds an older state and who goes on from it share what they have in common.
    private ImmutableDictionary<DeploymentPhase, PhaseFacts> phases = ImmutableDictionary<DeploymentPhase, PhaseFacts>.Empty;
    private ImmutableDictionary<string, StepFacts> steps = ImmutableDictionary.Create<string, StepFacts>(StringComparer.Ordinal);
    private ImmutableDictionary<string, (JournalRecord Record, IReadOnlyList<KeptFile> Files)> captured =
        ImmutableDictionary.Create<string, (JournalRecord Record, IReadOnlyList<KeptFile> Files)>(StringComparer.Ordinal);

    private ImmutableHashSet<(DeploymentPhase Phase, string Against)> deviations = [];
    private int folded;

    private WindowFacts(WindowOpening opening, JournalRecord first)
    {
        Opening = opening;
        Files = Named(first, opening.Files);
        ApprovedAt = opening.ApprovedAt;
        StartedAt = first.Time;
        OpenedEpoch = first.Epoch;
    }

    internal WindowOpening Opening { get; }

    internal DateTimeOffset StartedAt { get; }

    /// <summary>The lock's epoch under which it was opened: of one environment's windows the newest has the highest, whatever the clocks said.</summary>
    internal long OpenedEpoch { get; }

    /// <summary>The files that are in force: those of the opening, or of the last deviation that took others.</summary>
    internal IReadOnlyList<KeptFile> Files { get; private set; }

    /// <summary>The digest of <see cref="Files"/>.</summary>
    internal string Digest => PlanDigest.Of(Files.Select(file => (file.Path, file.Sha256)));

    /// <summary>When the plan was approved that the window was opened by, or goes on with; null where nobody approved it.</summary>
    internal DateTimeOffset? ApprovedAt { get; private set; }

    internal WindowState State { get; private set; } = WindowState.Open;

    internal DeploymentPhase LastPhase { get; private set; }

    internal long LastSeq { get; private set; }

    /// <summary>When the last record was written.</summary>
    internal DateTimeOffset LastTime { get; private set; }

    /// <summary>The newest request to end forward motion, with its record's number.</summary>
    internal (long Seq, StopRequest Request)? Stop { get; private set; }

    /// <summary>The steps in the order in which they first began.</summary>
    internal IEnumerable<StepFacts> Steps => steps.Values.OrderBy(step => step.FirstSeq);

    /// <summary>True where something of the release was begun and not taken back: a script, an instance, the traffic. Backups change nothing.</summary>
    internal bool HasStandingChange => steps.Values.Any(step => step is { Phase: DeploymentPhase.Rollout or DeploymentPhase.Completion, State: not StepState.Undone } or { Phase: DeploymentPhase.Migration, State: not (StepState.Undone or StepState.Failed) });

    /// <summary>Folds the records; null where the window's first record never reached the disk.</summary>
    internal static WindowFacts? Fold(IReadOnlyList<JournalRecord> records)
    {
        var first = records.FirstOrDefault(record => record.Kind == JournalKind.WindowOpened);
        if (first is null)
        {
            return null;
        }

        return new WindowFacts(first.Read<WindowOpening>(), first).After(records);
    }

    /// <summary>The state after the records that were added since; this one stays as it is.</summary>
    /// <param name="records">All of the journal's records.</param>
    internal WindowFacts After(IReadOnlyList<JournalRecord> records)
    {
        if (records.Count <= folded)
        {
            return this;
        }

        var next = (WindowFacts)MemberwiseClone();
        for (var at = folded; at < records.Count; at++)
        {
            next.Apply(records[at]);
        }

        next.folded = records.Count;
        return next;
    }

    internal PhaseFacts? Phase(DeploymentPhase phase) => phases.GetValueOrDefault(phase);

    internal StepFacts? Step(string key) => steps.GetValueOrDefault(key);

    /// <summary>Whether somebody gave a reason for a phase to go on against this error.</summary>
    internal bool Deviates(DeploymentPhase phase, string errorId) => deviations.Contains((phase, errorId));

    /// <summary>What was last captured under this name, or null.</summary>
    internal T? Captured<T>(string name)
        where T : class => captured.TryGetValue(name, out var capture) ? capture.Record.Read<T>() : null;

    /// <summary>The files that were in force when something was last captured under this name, or null.</summary>
    internal IReadOnlyList<KeptFile>? FilesOfCapture(string name) => captured.TryGetValue(name, out var capture) ? capture.Files : null;

    /// <summary>The number of the record in which something was last captured under this name; 0 where nothing was.</summary>
    internal long SeqOfCapture(string name) => captured.TryGetValue(name, out var capture) ? capture.Record.Seq : 0;

    /// <summary>What follows the prefix in each name something was captured under.</summary>
    internal IEnumerable<string> CapturedNames(string prefix) =>
        captured.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);

    /// <summary>The window as it is emitted.</summary>
    internal DeploymentWindow ToWindow(string folder) => new()
    {
        Id = Opening.Id,
        Service = Opening.Service,
        Environment = Opening.Environment,
        Release = Opening.Release,
        State = State,
        Phase = LastPhase,
        Outcome = Phase(LastPhase)?.Outcome,
        StartedAt = StartedAt,
        EndsAt = Opening.EndsAt,
        Executor = Opening.Executor,
        Lead = Opening.Lead,
        Digest = Opening.Digest,
        PlanPath = Opening.PlanPath,
        Folder = folder,
    };

    private void Apply(JournalRecord record)
    {
        LastSeq = record.Seq;
        LastTime = record.Time;
        switch (record.Kind)
        {
            case JournalKind.PhaseStarted:
                Begin(record);
                break;
            case JournalKind.PhaseEnded:
                End(record);
                break;
            case JournalKind.Intent or JournalKind.Outcome:
                Step(record);
                break;
            case JournalKind.Captured when record is { Target: not null, Data: not null }:
                captured = captured.SetItem(record.Target, (record, Files));
                break;
            case JournalKind.Deviation:
                Deviate(record);
                break;
            case JournalKind.StopRequested:
                Request(record);
                break;
            default:
                // The other kinds tell readers something; no state follows from them.
                break;
        }
    }

    private static IReadOnlyList<KeptFile> Named(JournalRecord record, IReadOnlyList<KeptFile> files) =>
        files.Contains(null!) ? throw record.Invalid("a file without a name") : files;

    private void Begin(JournalRecord record)
    {
        var phase = record.RequirePhase();
        LastPhase = phase;
        phases = phases.SetItem(phase, new PhaseFacts { Phase = phase, StartedAt = phases.GetValueOrDefault(phase)?.StartedAt ?? record.Time });
        if (phase == DeploymentPhase.Rollback)
        {
            State = WindowState.RollingBack;
        }
    }

    private void End(JournalRecord record)
    {
        var phase = record.RequirePhase();
        var end = record.Read<PhaseEnd>();
        phases = phases.SetItem(phase, (phases.GetValueOrDefault(phase) ?? new PhaseFacts { Phase = phase, StartedAt = record.Time }) with
        {
            EndedAt = record.Time,
            Outcome = end.Outcome,
            Summary = record.Message,
            Result = end.Result,
            Ended = record,
        });
        State = (phase, end.Outcome) switch
        {
            (DeploymentPhase.Rollback, PhaseOutcome.RolledBack) => WindowState.RolledBack,
            (DeploymentPhase.Rollback, PhaseOutcome.RollbackFailed) => WindowState.RollbackFailed,
            // A request to go back wins, also over a completion that was at its last step.
            (DeploymentPhase.Completion, PhaseOutcome.Succeeded) when State == WindowState.Open => WindowState.Completed,
            _ => State,
        };
    }

    private void Step(JournalRecord record)
    {
        var key = record.RequireTarget();
        var before = steps.GetValueOrDefault(key);
        var step = record.Read<StepRecord>();
        var state = step.State;
        // An attempt that came to no end, or to one that tells nothing, is not undone by the next one that touches nothing.
        var mayHaveLeft = state is not (StepState.Done or StepState.Undone)
            && before is not null && (before.MayHaveLeft || (state is StepState.Intended && before is { State: not (StepState.Done or StepState.Undone), LeftAsBefore: false }));
        steps = steps.SetItem(key, new StepFacts(before?.Phase ?? record.RequirePhase(), key, before?.Change ?? record.Message, state, before?.FirstSeq ?? record.Seq)
        {
            LastSeq = record.Seq,
            WasDone = state == StepState.Done || (before is { WasDone: true } && state is StepState.UndoIntended or StepState.UndoFailed),
            LeftAsBefore = step.LeftAsBefore == true && !mayHaveLeft,
            MayHaveLeft = mayHaveLeft,
            Files = before is null || state == StepState.Intended ? Files : before.Files,
        });
    }

    private void Deviate(JournalRecord record)
    {
        if (record is { Phase: { } phase, Target: { } against })
        {
            deviations = deviations.Add((phase, against));
        }

        if (record.Data is JsonObject data && data["files"] is not null)
        {
            var deviation = record.Read<FileDeviation>();
            Files = Named(record, deviation.Files);
            ApprovedAt = deviation.ApprovedAt ?? ApprovedAt;
        }
    }

    private void Request(JournalRecord record)
    {
        var request = record.Read<StopRequest>();
        Stop = (record.Seq, request);
        State = (request.GoBack, State) switch
        {
            // What has gone back, or tried to, stays so: a request that came late changes nothing.
            (true, WindowState.Open or WindowState.Stopped or WindowState.Completed) => WindowState.RollingBack,
            (false, WindowState.Open or WindowState.RollbackFailed) => WindowState.Stopped,
            _ => State,
        };
    }
}

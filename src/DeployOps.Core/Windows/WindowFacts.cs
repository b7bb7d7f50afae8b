using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Steps;

namespace DeployOps.Windows;

/// <summary>The state of a window: a fold over its journal, made anew whenever it is asked for and stored nowhere.</summary>
internal sealed class WindowFacts
{
    private readonly Dictionary<DeploymentPhase, PhaseFacts> phases = [];
    private readonly Dictionary<string, StepFacts> steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonNode> captured = new(StringComparer.Ordinal);

    private WindowFacts(WindowOpening opening, JournalRecord first)
    {
        Opening = opening;
        Files = opening.Files;
        StartedAt = first.Time;
    }

    internal WindowOpening Opening { get; }

    internal DateTimeOffset StartedAt { get; }

    /// <summary>The files that are in force: those of the opening, or of the last deviation that took others.</summary>
    internal IReadOnlyList<KeptFile> Files { get; private set; }

    /// <summary>The digest of <see cref="Files"/>.</summary>
    internal string Digest => PlanDigest.Of(Files.Select(file => (file.Path, file.Sha256)));

    internal WindowState State { get; private set; } = WindowState.Open;

    internal DeploymentPhase LastPhase { get; private set; }

    internal long LastSeq { get; private set; }

    /// <summary>The newest request to end forward motion, with its record's number.</summary>
    internal (long Seq, StopRequest Request)? Stop { get; private set; }

    /// <summary>The steps in the order in which they first began.</summary>
    internal IEnumerable<StepFacts> Steps => steps.Values.OrderBy(step => step.FirstSeq);

    /// <summary>Folds the records; null where the window's first record never reached the disk.</summary>
    internal static WindowFacts? Fold(IReadOnlyList<JournalRecord> records)
    {
        var first = records.FirstOrDefault(record => record.Kind == JournalKind.WindowOpened);
        if (first is null)
        {
            return null;
        }

        var facts = new WindowFacts(first.Read<WindowOpening>(), first);
        foreach (var record in records)
        {
            facts.Apply(record);
        }

        return facts;
    }

    internal PhaseFacts? Phase(DeploymentPhase phase) => phases.GetValueOrDefault(phase);

    internal StepFacts? Step(string key) => steps.GetValueOrDefault(key);

    /// <summary>What was last captured under this name, or null.</summary>
    internal T? Captured<T>(string name)
        where T : class => captured.TryGetValue(name, out var node) ? System.Text.Json.JsonSerializer.Deserialize<T>(node, JournalJson.Options) : null;

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
                captured[record.Target] = record.Data;
                break;
            case JournalKind.Deviation when record.Data is { } data && data["files"] is not null:
                Files = record.Read<FileDeviation>().Files;
                break;
            case JournalKind.StopRequested:
                Request(record);
                break;
            default:
                // The other kinds tell readers something; no state follows from them.
                break;
        }
    }

    private void Begin(JournalRecord record)
    {
        var phase = record.Phase!.Value;
        LastPhase = phase;
        phases[phase] = new PhaseFacts { Phase = phase, StartedAt = phases.GetValueOrDefault(phase)?.StartedAt ?? record.Time };
        if (phase == DeploymentPhase.Rollback)
        {
            State = WindowState.RollingBack;
        }
    }

    private void End(JournalRecord record)
    {
        var phase = record.Phase!.Value;
        var end = record.Read<PhaseEnd>();
        phases[phase] = (phases.GetValueOrDefault(phase) ?? new PhaseFacts { Phase = phase, StartedAt = record.Time }) with
        {
            EndedAt = record.Time,
            Outcome = end.Outcome,
            Summary = record.Message,
            Result = end.Result,
        };
        State = (phase, end.Outcome) switch
        {
            (DeploymentPhase.Rollback, PhaseOutcome.RolledBack) => WindowState.RolledBack,
            (DeploymentPhase.Rollback, PhaseOutcome.RollbackFailed) => WindowState.RollbackFailed,
            (DeploymentPhase.Completion, PhaseOutcome.Succeeded) => WindowState.Completed,
            _ => State,
        };
    }

    private void Step(JournalRecord record)
    {
        var key = record.Target!;
        var first = steps.GetValueOrDefault(key)?.FirstSeq ?? record.Seq;
        var phase = steps.GetValueOrDefault(key)?.Phase ?? record.Phase!.Value;
        var change = steps.GetValueOrDefault(key)?.Change ?? record.Message;
        steps[key] = new StepFacts(phase, key, change, record.Read<StepRecord>().State, first) { LastSeq = record.Seq };
    }

    private void Request(JournalRecord record)
    {
        var request = record.Read<StopRequest>();
        Stop = (record.Seq, request);
        State = (request.GoBack, State) switch
        {
            // What has gone back, or tried to, stays so: a request that came late changes nothing.
            (true, WindowState.Open or WindowState.Stopped or WindowState.Completed) => WindowState.RollingBack,
            (false, WindowState.Open) => WindowState.Stopped,
            _ => State,
        };
    }
}

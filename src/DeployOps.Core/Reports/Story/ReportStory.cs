using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.CheckIns;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>What a journal tells, arranged as a report tells it. Read once; every section reads from here.</summary>
internal sealed class ReportStory
{
    private readonly JournalFacts facts;

    private ReportStory(DeploymentWindow window, WindowOpening opening, IReadOnlyList<JournalRecord> records, DateTimeOffset writtenAt, IReadOnlyList<WaitingNotices> waiting)
    {
        Waiting = waiting;
        Refused = [.. records.Where(record => record.Kind == JournalKind.NoticeRefused)];
        facts = new JournalFacts(records);
        Window = window;
        Opening = opening;
        Records = records;
        WrittenAt = writtenAt;
        Runs = PhaseRuns.Read(records);
        Steps = StepRuns.Read(records);
        Gates = [.. facts.Of(JournalKind.Gate).Select(Gate)];
        Looks = [.. facts.Of(JournalKind.CheckIn).Where(record => record.Target != CheckInRunner.Target).Select(record => facts.Read<HealthLook>(record, record.Data)).OfType<HealthLook>()];
        CheckIns = [.. facts.Of(JournalKind.CheckIn).Where(record => record.Target == CheckInRunner.Target).Select(record => facts.Read<HealthLook>(record, record.Data)).OfType<HealthLook>()];
        CheckInsLeft = Left(facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName), facts.Captured<CheckInConclusion>(CheckInConclusion.CaptureName));
        Baselines = facts.Captured<List<MetricBaseline>>(WatchPhase.BaselineName) ?? [];
        Capture = facts.Captured<RolloutCapture>(RolloutFactory.CaptureName);
        Traffic = TrafficMoves.Read(Steps, Capture);
        SmokeBefore = facts.Captured<List<SmokeCheck>>(SmokeDesk.BaselineName) ?? [];
        SmokeAfter = Result<SmokeResult>(DeploymentPhase.Smoke)?.Checks ?? [];
        Migration = Result<MigrationResult>(DeploymentPhase.Migration);
        Rollout = Result<RolloutResult>(DeploymentPhase.Rollout);
        Rollback = Result<RollbackResult>(DeploymentPhase.Rollback);
        WayBack = WayBack.Read(Runs, Traffic, run => run.Result is null ? null : facts.Read<RollbackResult>("An attempt to go back", run.Result));
        Completion = Result<CompletionResult>(DeploymentPhase.Completion);
        Backups = Proven<BackupManifest>(BackupStep.CaptureName(""));
        Rehearsals = [.. Proven<MigrationRehearsal>(MigrationRehearsal.CaptureName("")).GroupBy(rehearsal => rehearsal.Database, StringComparer.Ordinal).Select(all => all.Last())];
        Folders = Proven<FolderManifest>(FolderBackupStep.CaptureName(""));
        Told = ToldNotice.Read(records, record => facts.Read<DeliveredNotice>(record, record.Data));
        Notes = [.. facts.Of(JournalKind.Note).Select(Note)];
        Deviations = [.. facts.Of(JournalKind.Deviation)];
    }

    internal DeploymentWindow Window { get; }

    internal WindowOpening Opening { get; }

    internal IReadOnlyList<JournalRecord> Records { get; }

    internal DateTimeOffset WrittenAt { get; }

    internal IReadOnlyList<PhaseRun> Runs { get; }

    internal IReadOnlyList<StepRun> Steps { get; }

    internal TrafficMoves Traffic { get; }

    internal IReadOnlyList<GateAnswer> Gates { get; }

    internal IReadOnlyList<HealthLook> Looks { get; }

    /// <summary>What migrations did to the restored backups.</summary>
    internal IReadOnlyList<MigrationRehearsal> Rehearsals { get; }

    /// <summary>The check-ins after the window was completed.</summary>
    internal IReadOnlyList<HealthLook> CheckIns { get; }

    /// <summary>Why there are no more check-ins, where they ended without a last one; null where they did not.</summary>
    internal string? CheckInsLeft { get; }

    internal IReadOnlyList<MetricBaseline> Baselines { get; }

    internal RolloutCapture? Capture { get; }

    /// <summary>The smoke tests of the old version.</summary>
    internal IReadOnlyList<SmokeCheck> SmokeBefore { get; }

    /// <summary>The smoke tests of the new one.</summary>
    internal IReadOnlyList<SmokeCheck> SmokeAfter { get; }

    internal MigrationResult? Migration { get; }

    internal RolloutResult? Rollout { get; }

    /// <summary>The last attempt to go back that has a result.</summary>
    internal RollbackResult? Rollback { get; }

    /// <summary>All attempts to go back; null where there was none.</summary>
    internal WayBack? WayBack { get; }

    internal CompletionResult? Completion { get; }

    internal IReadOnlyList<BackupManifest> Backups { get; }

    /// <summary>The backups of folders.</summary>
    internal IReadOnlyList<FolderManifest> Folders { get; }

    /// <summary>What channels took, in the order in which it happened.</summary>
    internal IReadOnlyList<ToldNotice> Told { get; }

    /// <summary>What channels have not taken yet.</summary>
    internal IReadOnlyList<WaitingNotices> Waiting { get; }

    /// <summary>The records that tell which notices a channel refused for good.</summary>
    internal IReadOnlyList<JournalRecord> Refused { get; }

    internal IReadOnlyList<IssueNote> Notes { get; }

    internal IReadOnlyList<JournalRecord> Deviations { get; }

    /// <summary>What in the journal could not be read, a line each.</summary>
    internal IReadOnlyList<string> Unreadable => facts.Unreadable;

    /// <summary>True where the window will not change any more by itself: it was completed, rolled back or stopped.</summary>
    internal bool IsOver => Window.State is WindowState.Completed or WindowState.RolledBack or WindowState.RollbackFailed or WindowState.Stopped;

    /// <summary>When what happened ended: the last end of a phase, or the request to stop; where it goes on, the time of this report.</summary>
    internal DateTimeOffset EndedAt => !IsOver
        ? Later(WrittenAt, Records[^1].Time)
        : Records.LastOrDefault(record => record.Kind is JournalKind.PhaseEnded or JournalKind.StopRequested)?.Time ?? Records[^1].Time;

    /// <summary>The version that carried the traffic before; null where it could not be told.</summary>
    internal string? OldVersion => Rollout?.From ?? Rollback?.To ?? CapturedVersion();

    /// <summary>The last run of a phase; null where it never began.</summary>
    internal PhaseRun? Last(DeploymentPhase phase) => Runs.LastOrDefault(run => run.Phase == phase);

    /// <summary>A time of day, with its date where the window saw more than one.</summary>
    internal Html.Tag Stamp(DateTimeOffset time) => ReportText.Stamp(time, Words(time));

    /// <summary>As <see cref="Stamp"/>, without markup.</summary>
    internal string Words(DateTimeOffset time) => ReportText.Day(Window.StartedAt) == ReportText.Day(EndedAt) ? ReportText.Clock(time) : $"{ReportText.Day(time)} {ReportText.Clock(time)}";

    internal static ReportStory Read(DeploymentWindow window, WindowFacts facts, IReadOnlyList<JournalRecord> records, DateTimeOffset writtenAt, IReadOnlyList<WaitingNotices> waiting) =>
        new(window, facts.Opening, records, writtenAt, waiting);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string? Left(CheckInRegistration? registration, CheckInConclusion? conclusion)
    {
        if (conclusion is not null && conclusion.Time >= registration?.From)
        {
            return conclusion.Reason;
        }

        return registration is { IsActive: false } ? registration.Reason : null;
    }

    private List<T> Proven<T>(string prefix)
        where T : class =>
        [.. facts.Of(JournalKind.Captured).Where(record => record.Target?.StartsWith(prefix, StringComparison.Ordinal) == true).Select(record => facts.Read<T>(record, record.Data)).OfType<T>()];

    private T? Result<T>(DeploymentPhase phase)
        where T : class => Runs.LastOrDefault(run => run.Phase == phase && run.Result is not null) is { } run ? facts.Read<T>($"The end of {phase}", run.Result) : null;

    // A phase that failed writes a line without numbers; its id is the target.
    private GateAnswer Gate(JournalRecord record) => new(
        record.Time,
        record.Phase,
        (record.Data is null ? null : facts.Read<GateResult>(record, record.Data)) ?? GateResult.Fail(record.Target ?? "gate", record.Message));

    private IssueNote Note(JournalRecord record)
    {
        var detail = record.Data is null ? null : facts.Read<Dictionary<string, string?>>(record, record.Data);
        return new IssueNote(record.Time, record.Phase, detail?.GetValueOrDefault("by") ?? "", detail?.GetValueOrDefault("issue") ?? record.Message, detail?.GetValueOrDefault("resolution"));
    }

    private string? CapturedVersion()
    {
        var versions = Capture?.Weights.Where(weight => weight.Value > 0).Select(weight => Capture.Versions.GetValueOrDefault(weight.Key)).Distinct(StringComparer.Ordinal).ToList();
        return versions is [{ } only] ? only : null;
    }
}

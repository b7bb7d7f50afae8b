using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Reports;

/// <summary>Text that tries to be markup.</summary>
internal static class HostileReport
{
    /// <summary>A journal of a release that went back, with the text in every field.</summary>
    internal static SampleJournal Of(string text)
    {
        var journal = new SampleJournal().Open(opening => opening with
        {
            Id = text,
            Service = text,
            Environment = text,
            Release = text,
            PlanPath = text,
            Digest = text,
            Executor = text,
            Lead = text,
            Monitor = text,
            Communicator = text,
            StartedFrom = text,
            ModuleVersion = text,
        });
        journal.Write(JournalKind.Deviation, text, DeploymentPhase.Preparation, text).Note(text, text, text)
            .Begin(DeploymentPhase.Preparation, text).Gate(DeploymentPhase.Preparation, GateResult.Fail(text, text))
            .Capture(DeploymentPhase.Rollout, RolloutFactory.CaptureName, new RolloutCapture(
                new Dictionary<string, int>(StringComparer.Ordinal) { [text] = 1 }, new Dictionary<string, string?>(StringComparer.Ordinal) { [text] = text }))
            .Capture(DeploymentPhase.Preparation, SmokeDesk.BaselineName, (SmokeCheck[])[new(text, text, SmokeOutcome.Failed) { Line = 1, Message = text }])
            .Capture(DeploymentPhase.Preparation, WatchPhase.BaselineName, (MetricBaseline[])[new() { Metric = text, Missing = text, Text = text }])
            .Capture(DeploymentPhase.Preparation, $"backup/{text}", new BackupManifest
            {
                Database = text,
                File = text,
                Size = 1,
                Sha256 = text,
                TakenAt = journal.Now,
                Fingerprint = new(text, [new(text, 1, text)]),
            })
            .Gate(DeploymentPhase.Preparation, GateResult.Fail(IncidentGate.Name, text))
            .Capture(DeploymentPhase.Preparation, $"configuration/{text}", new FolderManifest { Name = text, Folder = text, File = text, Size = 1, Sha256 = text, TakenAt = journal.Now, Entries = [] })
            .Write(JournalKind.NoticeSent, text, target: text, detail: JournalJson.ToNode(new DeliveredNotice(text, text)))
            .Begin(DeploymentPhase.Migration)
            .End(new MigrationResult { Outcome = PhaseOutcome.Failed, Summary = text, Databases = [HostileDatabase(text)] })
            .Begin(DeploymentPhase.Rollout).Intent(DeploymentPhase.Rollout, TrafficStep.Key, text).After(1).Outcome(DeploymentPhase.Rollout, TrafficStep.Key, text)
            .End(new RolloutResult { Outcome = PhaseOutcome.Succeeded, Summary = text, From = text, To = text })
            .Begin(DeploymentPhase.Smoke).End(new SmokeResult { Outcome = PhaseOutcome.Failed, Summary = text, Checks = [new(text, text, SmokeOutcome.PreExisting) { Message = text }] });
        foreach (var number in (int[])[1, 2, 3])
        {
            journal.After(1).Write(JournalKind.CheckIn, text, DeploymentPhase.Monitoring, detail: JournalJson.ToNode(HostileLook(text, number, journal.Now)));
        }

        return journal.Begin(DeploymentPhase.Rollback, text).Intent(DeploymentPhase.Rollout, TrafficStep.Key, text, StepState.UndoIntended).After(1)
            .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, text, StepState.Undone)
            .Write(JournalKind.Recovered, text, target: text)
            .End(new RollbackResult { Outcome = PhaseOutcome.RolledBack, Summary = text, Reason = text, To = text });
    }

    private static DatabaseMigration HostileDatabase(string text) => new()
    {
        Database = text,
        From = text,
        To = text,
        Scripts = [text],
        Evidence = [new() { Script = text, Samples = 3, PeakBlocked = 2, PeakBlockedFor = TimeSpan.FromSeconds(1), Fired = [text], Unknown = [text] }],
        Validations = [new() { Name = text, File = text, Expected = text, Actual = text, Verdict = GateVerdict.Fail, IsWarning = true, Duration = TimeSpan.Zero, SampleRows = [text] }],
    };

    private static HealthLook HostileLook(string text, int number, DateTimeOffset time) => SampleRelease.Look(number, time, TimeSpan.FromSeconds(number), null) with
    {
        Summary = text,
        Values = [new() { Metric = text, Measure = MetricMeasure.Ratio, Value = 0.1 * number, From = time, To = time }],
        Findings = [new() { Metric = text, Verdict = GateVerdict.Fail, Detail = text, Limit = 0.2, Baseline = 0.1 }, new() { Metric = $"check {text}", Verdict = GateVerdict.Unknown, Detail = text }],
    };
}

using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;
using DeployOps.Phases;
using DeployOps.Preparation;
using DeployOps.Reports;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Reports;

/// <summary>The stretches of a release of the sample shop, to be put together to windows that end in different ways.</summary>
internal static class SampleRelease
{
    internal static SampleJournal Completed() => new SampleJournal().Open().Prepare().Migrate().RollOut().Test().Watch(20, HealthVerdict.Healthy).Complete();

    internal static SampleJournal RolledBack() => new SampleJournal().Open().Prepare().Migrate().RollOut().FailSmokeAndGoBack();

    internal static SampleJournal Prepare(this SampleJournal journal)
    {
        journal.Write(JournalKind.Deviation, "the change board agreed by phone (against ApprovalExpired: The approval expired at 19:00.)", DeploymentPhase.Preparation, "ApprovalExpired")
            .After(0.2).Write(JournalKind.LockTaken, "Epoch 7 taken by process 4711")
            .Begin(DeploymentPhase.Preparation)
            .After(0.6).Gate(DeploymentPhase.Preparation, GateResult.Pass("edge", "3 of 3 answers were 200 in 0.2 s"))
            .Capture(DeploymentPhase.Rollout, RolloutFactory.CaptureName, new RolloutCapture(
                new Dictionary<string, int>(StringComparer.Ordinal) { ["blue-1"] = 100, ["green-1"] = 0 },
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["blue-1"] = "2.3.0", ["green-1"] = null }))
            .After(1.1).Capture(DeploymentPhase.Preparation, SmokeDesk.BaselineName, Checks(search: SmokeOutcome.Failed, checkout: SmokeOutcome.Passed))
            .After(10).Capture(DeploymentPhase.Preparation, WatchPhase.BaselineName, Baselines(journal.Now));
        journal.Intent(DeploymentPhase.Preparation, "backup/shop", "shop: backed up, restored into a scratch place and compared").After(0.7)
            .Capture(DeploymentPhase.Preparation, BackupStep.CaptureName("shop"), new BackupManifest
            {
                Database = "shop",
                File = "/var/lib/deployops/shop/production/windows/shop-2.4.0-1/backups/shop-1.db",
                Size = 4_404_019,
                Sha256 = "9f2c5a17c0de9f2c5a17c0de9f2c5a17c0de9f2c5a17c0de9f2c5a17c0de0001",
                Fingerprint = new DatabaseFingerprint(new string('c', 64), [new TableFingerprint("orders", 12_480, "h1"), new TableFingerprint("products", 400, "h2")]),
                TakenAt = journal.Now,
            })
            .Outcome(DeploymentPhase.Preparation, "backup/shop", "4404019 bytes, 2 tables with 12880 rows, restored and equal");

        return journal.End(new PreparationResult { Outcome = PhaseOutcome.Succeeded, Summary = "1 probes well; 2.3.0 on 1 instances; 3 of 3 metrics measured; 1 backups proven" });
    }

    internal static SampleJournal Migrate(this SampleJournal journal) => journal.After(0.3)
        .Begin(DeploymentPhase.Migration)
        .Intent(DeploymentPhase.Migration, "migrate/shop/2.4.0.1", "shop: V2_4_0_1__add_orders_status.sql").After(1.4)
        .Outcome(DeploymentPhase.Migration, "migrate/shop/2.4.0.1", "V2_4_0_1__add_orders_status.sql applied")
        .Intent(DeploymentPhase.Migration, "migrate/shop/2.4.0.2", "shop: V2_4_0_2__index_orders_by_status.sql").After(0.6)
        .Outcome(DeploymentPhase.Migration, "migrate/shop/2.4.0.2", "V2_4_0_2__index_orders_by_status.sql applied")
        .After(0.2)
        .End(new MigrationResult
        {
            Outcome = PhaseOutcome.Succeeded,
            Summary = "shop: 2.3.0.1 -> 2.4.0.2, 2 scripts, 2 validations",
            Databases =
            [
                new DatabaseMigration
                {
                    Database = "shop",
                    From = "2.3.0.1",
                    To = "2.4.0.2",
                    Scripts = ["V2_4_0_1__add_orders_status.sql", "V2_4_0_2__index_orders_by_status.sql"],
                    Validations =
                    [
                        new ValidationCheck { Name = "no order without a status", File = "validations/orders.sql", Expected = "no rows", Actual = "no rows", Verdict = GateVerdict.Pass, Duration = TimeSpan.FromMilliseconds(12) },
                        new ValidationCheck { Name = "stock by shelf", File = "validations/stock.sql", Expected = "", Actual = "3 rows", Verdict = GateVerdict.Unknown, IsWarning = true, Duration = TimeSpan.FromMilliseconds(4), SampleRows = ["shelf=A, pieces=12"] },
                    ],
                },
            ],
        });

    internal static SampleJournal RollOut(this SampleJournal journal) => journal.After(0.4)
        .Begin(DeploymentPhase.Rollout)
        .Intent(DeploymentPhase.Rollout, "deploy/green-1", "green-1: stopped -> 2.4.0").After(5.2)
        .Outcome(DeploymentPhase.Rollout, "deploy/green-1", "green-1 serves 2.4.0")
        .Intent(DeploymentPhase.Rollout, TrafficStep.Key, "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1").After(1.1)
        .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, "5 of 5 answers through the edge are 2.4.0")
        .Note("observer", "The edge logged two slow connects while weights changed.", "Known from 2.3.0; gone after 10 s.")
        .After(3).Gate(DeploymentPhase.Rollout, GateResult.Pass("drained", "blue-1: 0 requests in flight after 0.4 s"))
        .End(new RolloutResult { Outcome = PhaseOutcome.Succeeded, Summary = "2.3.0 -> 2.4.0 on 1 instances; blue-1: 0 requests in flight after 0.4 s", From = "2.3.0", To = "2.4.0" });

    internal static SampleJournal Test(this SampleJournal journal) => journal.After(0.2)
        .Begin(DeploymentPhase.Smoke).After(1.8)
        .End(new SmokeResult { Outcome = PhaseOutcome.Succeeded, Summary = "2 of 3 passed, 1 failed before too", Checks = Checks(SmokeOutcome.PreExisting, SmokeOutcome.Passed) });

    internal static SampleJournal FailSmokeAndGoBack(this SampleJournal journal)
    {
        const string Failure = "Smoke failed: 1 of 3 failed: checkout: status is 500, expected 200.";
        journal.After(0.2).Begin(DeploymentPhase.Smoke).After(2.4)
            .Write(JournalKind.Gate, Failure, DeploymentPhase.Smoke, "SmokeFailed")
            .Begin(DeploymentPhase.Rollback, $"Going back: {Failure}")
            .Intent(DeploymentPhase.Rollout, TrafficStep.Key, "Undo: traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", StepState.UndoIntended).After(0.9)
            .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, "5 of 5 answers through the edge are 2.3.0", StepState.Undone)
            .Gate(DeploymentPhase.Rollback, GateResult.Pass("traffic back", "all traffic on 2.3.0 0.9 s after the decision"))
            .Intent(DeploymentPhase.Rollout, "deploy/green-1", "Undo: green-1: stopped -> 2.4.0", StepState.UndoIntended).After(1.3)
            .Outcome(DeploymentPhase.Rollout, "deploy/green-1", "green-1: 0 requests in flight after 0 s; green-1 answers no more", StepState.Undone)
            .Gate(DeploymentPhase.Rollback, GateResult.Pass("smoke checkout", "Passed: checkout"));
        return journal.End(new RollbackResult
        {
            Outcome = PhaseOutcome.RolledBack,
            Summary = "Production is back on 2.3.0; database: Keep. All traffic was there after 0.9 s.",
            Reason = Failure,
            To = "2.3.0",
            TrafficBackAfter = TimeSpan.FromSeconds(0.9),
            Database = DatabaseRollback.Keep,
        })
            .End(new SmokeResult { Outcome = PhaseOutcome.RolledBack, Summary = $"{Failure} Production is back on 2.3.0.", Checks = Checks(SmokeOutcome.PreExisting, SmokeOutcome.Failed) });
    }

    internal static SampleJournal Watch(this SampleJournal journal, int looks, HealthVerdict conclusion)
    {
        journal.After(0.3).Begin(DeploymentPhase.Monitoring);
        var start = journal.Now;
        HealthLook? look = null;
        for (var number = 1; number <= looks; number++)
        {
            journal.After(1);
            look = Look(number, journal.Now, journal.Now - start, number == looks ? conclusion : null);
            journal.Write(JournalKind.CheckIn, $"Look {number}: {look.Verdict}: {look.Summary}", DeploymentPhase.Monitoring, detail: JournalJson.ToNode(look));
        }

        return journal.End(new HealthCheckIn
        {
            Outcome = conclusion == HealthVerdict.Healthy ? PhaseOutcome.Succeeded : PhaseOutcome.Inconclusive,
            Summary = look!.Summary,
            Verdict = conclusion,
            Number = looks,
        });
    }

    internal static SampleJournal Complete(this SampleJournal journal, IReadOnlyList<string>? notPassed = null, string deviation = "") => journal.After(0.2)
        .Begin(DeploymentPhase.Completion)
        .Intent(DeploymentPhase.Completion, "retire/blue-1", "blue-1: 2.3.0 -> stopped").After(1.2)
        .Outcome(DeploymentPhase.Completion, "retire/blue-1", "blue-1 answers no more")
        .End(new CompletionResult { Outcome = PhaseOutcome.Succeeded, Summary = "1 old instance stopped, the report is written", NotPassed = notPassed ?? [], Deviation = deviation });

    internal static HealthLook Look(int number, DateTimeOffset time, TimeSpan elapsed, HealthVerdict? conclusion)
    {
        // Any wave does: the same at every run.
        var ratio = 0.001 + (0.0006 * (1 + Math.Sin(number)));
        var p95 = 0.081 + (0.012 * Math.Cos(number * 0.7));
        return new HealthLook
        {
            Number = number,
            Time = time,
            Elapsed = elapsed,
            Verdict = HealthVerdict.Healthy,
            Conclusion = conclusion,
            Summary = "4 of 4 within their limits",
            Values =
            [
                Value("5xx ratio", MetricMeasure.Ratio, ratio, time),
                Value("p95 latency", MetricMeasure.Quantile, p95, time),
                Value("checkouts", MetricMeasure.Rate, number == 7 ? null : 19.4 + Math.Sin(number * 1.3), time),
            ],
            Findings =
            [
                new HealthFinding { Metric = "5xx ratio", Verdict = GateVerdict.Pass, Detail = "0.16 % of 2,250, at most 5 %", Value = ratio, Baseline = 0.0012, Limit = 0.05 },
                new HealthFinding { Metric = "p95 latency", Verdict = GateVerdict.Pass, Detail = "0.081 s of 2,250, at most 0.12 s", Value = p95, Baseline = 0.079, Limit = 0.12 },
                new HealthFinding { Metric = "checkouts", Verdict = GateVerdict.Pass, Detail = "19.4/s, at least 10/s", Value = 19.4, Baseline = 19.8, Limit = 10 },
                new HealthFinding { Metric = "version of green-1", Verdict = GateVerdict.Pass, Detail = "green-1 serves 2.4.0" },
            ],
        };
    }

    internal static List<MetricBaseline> Baselines(DateTimeOffset to) =>
    [
        new() { Metric = "5xx ratio", Value = 0.0012, Count = 27_000, From = to.AddSeconds(-10), To = to, Text = "0.12 % of 27,000 in 10 s" },
        new() { Metric = "p95 latency", Value = 0.079, Count = 27_000, From = to.AddSeconds(-10), To = to, Text = "0.079 s of 27,000 in 10 s" },
        new() { Metric = "checkouts", Value = 19.8, Count = 198, From = to.AddSeconds(-10), To = to, Text = "19.8/s: 198 in 10 s" },
    ];

    internal static List<SmokeCheck> Checks(SmokeOutcome search, SmokeOutcome checkout) =>
    [
        new("storefront", "smoke/storefront.hurl", SmokeOutcome.Passed) { Requests = 2, Duration = TimeSpan.FromSeconds(0.1) },
        new("search", "smoke/search.hurl", search) { Requests = 2, Duration = TimeSpan.FromSeconds(0.4), Line = search == SmokeOutcome.Passed ? 0 : 9, Message = search == SmokeOutcome.Passed ? "" : "jsonpath $.count is 11, expected 12" },
        new("checkout", "smoke/checkout.hurl", checkout) { Requests = 4, Duration = TimeSpan.FromSeconds(0.8), Line = checkout == SmokeOutcome.Passed ? 0 : 14, Message = checkout == SmokeOutcome.Passed ? "" : "status is 500, expected 200" },
    ];

    private static MetricValue Value(string metric, MetricMeasure measure, double? value, DateTimeOffset time) => new()
    {
        Metric = metric,
        Measure = measure,
        Value = value,
        Count = 2_250,
        From = time.AddSeconds(-1),
        To = time,
        Missing = value is null ? "no requests" : null,
    };
}

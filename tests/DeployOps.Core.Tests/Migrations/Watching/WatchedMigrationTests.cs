using System.Collections.Concurrent;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class WatchedMigrationTests
{
    private static readonly MigrationEvidence Seen = new()
    {
        Script = "V1__orders.sql",
        Samples = 9,
        Duration = TimeSpan.FromSeconds(4),
        PeakBlocked = 2,
        PeakBlockedFor = TimeSpan.FromSeconds(0.4),
        PeakLag = TimeSpan.FromSeconds(1.5),
        PeakLagBytes = 4096,
        PeakCpu = 0.5,
        Holds = 1,
        Held = TimeSpan.FromSeconds(3),
        Fired = ["the gate before the script held for 3 s"],
        Unknown = ["the server's disk"],
    };

    [Fact]
    public async Task What_was_seen_is_in_the_journal_and_in_the_result()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        release.ShopDatabase.Watch = observer => observer.Ended(Seen);

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        ending.Result.Databases.ShouldHaveSingleItem().Evidence.Count.ShouldBe(2);
        Words(ending.Result.Databases[0].Evidence[0]).ShouldBe(Words(Seen));
        var line = (await release.RecordsAsync()).First(record => record.Kind == JournalKind.Captured && record.Target == "watch/shop/1");
        line.Message.ShouldBe("shop: V1__orders.sql: 9 looks in 4 s, blocked 2 sessions at most, 0.4 s at most, lag 4 KiB and 1.5 s at most, gates held for 3 s");
    }

    [Fact]
    public async Task What_cannot_be_watched_is_told_before_the_first_script_and_not_where_nothing_is_pending()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        release.ShopDatabase.Unseen = ["the server's disk: it is not on this machine", "transactions of others"];
        var (before, after) = (new ScriptedReporter(), new ScriptedReporter());
        var database = new DatabaseSpec { Name = "shop", Kind = "Sqlite", ConnectionString = "Data Source=shop.db", Migrations = Path.Combine(release.Root, "migrations"), BaseFolder = release.Root };

        await new DatabaseMigrator(release.Ports(), before, database).PlanAsync(default);
        await new DatabaseMigrator(release.Ports(), new ScriptedReporter(), database).RunAsync(default);
        await new DatabaseMigrator(release.Ports(), after, database).PlanAsync(default);

        const string Told = "shop: the watch over the scripts will not see the server's disk: it is not on this machine; transactions of others. A gate holds for that only where the plan says its limit.";
        before.Warnings.ShouldContain(Told);
        after.Warnings.ShouldNotContain(Told);
    }

    [Fact]
    public async Task What_was_seen_while_a_script_was_taken_back_is_kept_beside_what_was_seen_before()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        release.ShopDatabase.Watch = observer => observer.Ended(Seen);
        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());
        release.ShopDatabase.Watch = observer => observer.Ended(Seen with { Samples = 17 });

        (await release.GoBackAsync(DeployOps.Rollbacks.DatabaseRollback.Down)).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        var facts = await release.FactsAsync();
        facts.Captured<MigrationEvidence>("watch/shop/1").ShouldNotBeNull().Samples.ShouldBe(Seen.Samples);
        facts.Captured<MigrationEvidence>("watch-undo/shop/1").ShouldNotBeNull().Samples.ShouldBe(17);
    }

    [Fact]
    public async Task What_was_seen_before_a_script_failed_is_kept_too()
    {
        using var release = await Release.OpenAsync("When = 'Never'", Release.Database);
        release.ShopDatabase.Watch = observer =>
        {
            observer.Ended(Seen);
            throw new DeployOpsException("MigrationBlockedOthers", FaultKind.Failed, "cancelled", "Wait.");
        };

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        Words(ending.Result.Databases.ShouldHaveSingleItem().Evidence.ShouldHaveSingleItem()).ShouldBe(Words(Seen));
    }

    [Fact]
    public async Task The_replicas_that_were_there_when_it_was_planned_are_expected_by_every_run_of_the_phase()
    {
        using var release = await Release.OpenAsync("When = 'Never'", Release.Database);
        release.ShopDatabase.Replicas = 2;
        release.ShopDatabase.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationGateHeld", FaultKind.Busy, "1 of 2 replicas there", "Wait.") : 0;
        (await release.RunAsync(new MigrationPhase(), new ScriptedReporter())).Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        release.ShopDatabase.Replicas = 1;
        release.ShopDatabase.BeforeAct = _ => { };
        release.ShopDatabase.Opened.Clear();

        (await release.RunAsync(new MigrationPhase(), new ScriptedReporter())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        release.ShopDatabase.Opened.ShouldContain(opened => opened.Limits.Replicas == 2);
    }

    [Fact]
    public async Task A_database_that_is_not_watched_writes_nothing_of_it()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Databases[0].Evidence.ShouldBeEmpty();
        (await release.RecordsAsync()).ShouldNotContain(record => record.Target != null && record.Target.StartsWith("watch/"));
    }

    [Fact]
    public async Task A_database_that_says_nothing_is_shown_to_go_on()
    {
        var told = new ConcurrentQueue<string>();
        var script = new TaskCompletionSource();
        using var limit = new CancellationTokenSource(Patience.Longest);

        var running = new MigrationWitness(new ToldReporter(told), new ScaledTime(20), "V1__orders.sql").RunAsync(_ => script.Task);
        while (told.Count < 3)
        {
            await Task.Delay(5, limit.Token);
        }

        script.SetResult();
        await running;

        told.ShouldAllBe(line => line.StartsWith("Migration: V1__orders.sql, "));
    }

    [Fact]
    public async Task A_probe_is_asked_again_and_again_and_what_it_fails_with_is_what_is_known()
    {
        var answers = new Queue<Func<double>>([() => 93, () => 120, () => throw new InvalidOperationException("no route to host."), () => 7]);
        var heard = new ConcurrentQueue<ProcessorReading>();
        var enough = new TaskCompletionSource();
        MigrationWitness? witness = null;
        witness = new MigrationWitness(new ToldReporter([]), new ScaledTime(5), "V1__orders.sql")
        {
            CpuProbe = async token =>
            {
                await Task.Yield();
                heard.Enqueue(witness!.Processors!);
                if (answers.Count == 0)
                {
                    enough.TrySetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }

                return answers.Dequeue()();
            },
        };

        await witness.RunAsync(_ => enough.Task.WaitAsync(Patience.Longest));

        heard.ShouldBe([ProcessorReading.None, new(0.93, ""), new(null, "the probe answered 120, which is no percentage"), new(null, "the probe failed: no route to host"), new(0.07, "")]);
    }

    [Fact]
    public async Task What_a_probe_said_some_seconds_ago_is_not_known_any_more()
    {
        var time = new FakeTimeProvider();
        var answers = 0;
        var silent = new TaskCompletionSource();
        var script = new TaskCompletionSource();
        var witness = new MigrationWitness(new ToldReporter([]), time, "V1__orders.sql")
        {
            CpuProbe = async token =>
            {
                if (answers++ > 0)
                {
                    silent.SetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }

                return 7;
            },
        };
        var running = witness.RunAsync(_ => script.Task);
        time.Advance(TimeSpan.FromSeconds(1));
        await silent.Task.WaitAsync(Patience.Longest);

        time.Advance(TimeSpan.FromSeconds(4));
        var fresh = witness.Processors;
        time.Advance(TimeSpan.FromSeconds(1));
        var old = witness.Processors;
        script.SetResult();
        await running;

        fresh.ShouldBe(new ProcessorReading(0.07, ""));
        old.ShouldBe(new ProcessorReading(null, "the probe has not answered for 6 s"));
    }

    [Fact]
    public void Without_a_probe_the_server_is_looked_at() => ((IMigrationObserver)new MigrationWitness(new ToldReporter([]), TimeProvider.System, "V1__orders.sql")).Processors.ShouldBeNull();

    private static string Words(MigrationEvidence evidence) => JournalJson.ToNode(evidence)!.ToJsonString();

    private sealed class ToldReporter(ConcurrentQueue<string> told) : IStepReporter
    {
        public void Progress(string activity, string status, int? percent = null) => told.Enqueue($"{activity}: {status}");

        public void Warn(string message) => throw new InvalidOperationException(message);

        public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

        public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

        public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
    }
}

using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollbacks;

/// <summary>Going back without the database leads to a schema that the old version was seen to run on, or nothing is rolled out.</summary>
public sealed class KeepProofTests : IDisposable
{
    private int status = 200;
    private LoopbackServer? server;
    private Release? opened;

    [Fact]
    public async Task The_old_version_is_tried_on_the_migrated_schema_and_keep_names_it()
    {
        var release = await PreparedAsync();

        var migrated = await release.RunAsync(new MigrationPhase());
        var asked = server!.Seen.Count;
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var result = await release.GoBackAsync();

        migrated.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded, migrated.Result.Summary);
        asked.ShouldBe(1);
        (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.Gate && record.Phase == DeploymentPhase.Migration && record.Message.Contains("old version on the migrated schema"));
        result.Summary.ShouldContain("database: Keep, what was migrated stays, on which the old version was seen to run before the rollout: 1 smoke tests: 1 passed.");
    }

    [Fact]
    public async Task Where_it_does_not_run_nothing_is_rolled_out_and_the_scripts_are_taken_back()
    {
        var release = await PreparedAsync();
        status = 500;

        var ending = await release.RunAsync(new MigrationPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, ending.Result.Summary);
        ending.Error.ShouldNotBeNull().ErrorId.ShouldBe("KeepNotProven");
        ending.Error.Message.ShouldContain("the old version does not run on the migrated schema, which going back would keep: 1 smoke tests: 1 failed");
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql", "revert U2__notes.sql", "revert U1__orders.sql"]);
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("migrations/U2__notes.sql", false)]
    [InlineData("migrations/V2__notes.sql", false)]
    [InlineData("smoke/shop.hurl", true)]
    public async Task Other_scripts_than_the_rehearsed_ones_which_a_deviation_brings_are_not_taken_back_unasked(string file, bool isBack)
    {
        var release = await PreparedAsync();
        status = 500;
        release.Write(file, file.EndsWith(".sql", StringComparison.Ordinal) ? "DROP TABLE IF EXISTS notes;" : $"GET {server!.Url}/cart\nHTTP 200\n");

        await release.RunAsync(new MigrationPhase(), deviation: "it was wrong");

        release.ShopDatabase.Acts.ShouldBe(isBack ? ["apply V1__orders.sql", "apply V2__notes.sql", "revert U2__notes.sql", "revert U1__orders.sql"] : ["apply V1__orders.sql", "apply V2__notes.sql"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("taking it back was not tried")]
    public async Task Undo_scripts_that_nobody_rehearsed_and_nobody_asked_for_are_not_run(string? untried)
    {
        var release = await PreparedAsync(untried: untried);
        status = 500;

        var ending = await release.RunAsync(new MigrationPhase());

        ending.Error.ShouldNotBeNull().ErrorId.ShouldBe("KeepNotProven");
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
    }

    [Fact]
    public async Task Who_could_not_ask_has_not_seen_that_it_does_not_run()
    {
        var release = await PreparedAsync();
        server!.Dispose();

        var ending = await release.RunAsync(new MigrationPhase());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded, ending.Result.Summary);
        KeepProof.Of(await release.FactsAsync()).ShouldNotBeNull().Verdict.ShouldBe(Gates.GateVerdict.Unknown);
    }

    [Fact]
    public async Task Where_a_script_has_no_undo_none_is_taken_back_and_it_is_told_what_is_left()
    {
        var release = await PreparedAsync(without: "migrations/U1__orders.sql");
        status = 500;

        var ending = await release.RunAsync(new MigrationPhase());

        ending.Error.ShouldNotBeNull().ErrorId.ShouldBe("KeepNotProven");
        ending.Result.Summary.ShouldContain("what was migrated stays, on which the old version was seen not to run: ");
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
    }

    [Fact]
    public async Task What_failed_before_the_migration_already_refuses_nothing_and_proves_nothing()
    {
        status = 500;
        var release = await PreparedAsync(SmokeOutcome.Failed);
        var reporter = new ScriptedReporter();

        var ending = await release.RunAsync(new MigrationPhase(), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded, ending.Result.Summary);
        reporter.Warnings.ShouldContain(words => words.StartsWith("Rollback.Database is Keep, and that the old version runs on the migrated schema is not proven: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_without_smoke_files_is_told_that_keep_is_not_proven()
    {
        var release = opened = await Release.OpenAsync(databases: Release.Database);
        var reporter = new ScriptedReporter();

        var ending = await release.RunAsync(new MigrationPhase(), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded, ending.Result.Summary);
        reporter.Warnings.ShouldContain("Rollback.Database is Keep, and that the old version runs on the migrated schema is not proven: the plan has no smoke files.");
    }

    [Theory]
    [InlineData("Down")]
    [InlineData("Restore")]
    public async Task Where_the_plan_goes_back_with_the_database_nothing_is_asked(string database)
    {
        var release = await PreparedAsync(rollback: $"Database = '{database}'");
        status = 500;

        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        server!.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_carries_on_asks_no_second_time_and_one_after_a_failure_does()
    {
        var release = await PreparedAsync(rollback: "When = 'Never'");
        status = 500;
        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        var failed = server!.Seen.Count;
        status = 200;

        // Killed after it was seen to run: the phase did not end.
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "keep")
        {
            Phase = DeploymentPhase.Migration,
            Target = KeepProof.CaptureName,
            Detail = JournalJson.ToNode(new KeepProof(Gates.GateVerdict.Pass, "1 smoke tests: 1 passed")),
        });
        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        failed.ShouldBe(2, "a file that fails is run once more");
        server.Seen.Count.ShouldBe(failed);
    }

    [Fact]
    public async Task Further_scripts_that_a_deviation_brings_make_another_schema_that_is_tried_again()
    {
        var release = await PreparedAsync(rollback: "When = 'Never'");
        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var asked = server!.Seen.Count;
        release.Write("migrations/V3__more.sql", "CREATE TABLE more (id INTEGER);");
        // The run was killed before it could say how the phase ended.
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.PhaseEnded, "Migration Cancelled") { Phase = DeploymentPhase.Migration, Detail = JournalJson.ToNode(new PhaseEnd(PhaseOutcome.Cancelled, null)) });
        var before = KeepProof.Of(await release.FactsAsync());
        status = 500;

        var ending = await release.RunAsync(new MigrationPhase(), deviation: "V3 was forgotten");

        before.ShouldNotBeNull().Verdict.ShouldBe(Gates.GateVerdict.Pass);
        ending.Error.ShouldNotBeNull().ErrorId.ShouldBe("KeepNotProven");
        server.Seen.Count.ShouldBeGreaterThan(asked);
    }

    [Fact]
    public async Task What_was_seen_before_further_scripts_came_is_no_proof_of_keep()
    {
        var release = await PreparedAsync();
        await release.RunAsync(new MigrationPhase());
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Outcome, "shop: V3__more.sql") { Phase = DeploymentPhase.Migration, Target = "migrate/shop/3", Detail = JournalJson.ToNode(new StepRecord(StepState.Done)) });

        var proof = KeepProof.Of(await release.FactsAsync());

        proof.ShouldNotBeNull().Verdict.ShouldBe(Gates.GateVerdict.Unknown);
        proof.Words.ShouldBe("; that the old version runs on it is not proven: it was seen to run before shop: V3__more.sql came (1 smoke tests: 1 passed)");
    }

    [Fact]
    public async Task A_dry_run_says_that_it_would_and_asks_nobody()
    {
        var release = await PreparedAsync();
        var runner = new PhaseRunner(release.Ports(), new SilentReporter());

        var prepared = await runner.PrepareAsync(await release.WindowAsync(), new MigrationPhase(), TestContext.Current.CancellationToken);

        prepared.Result.Summary.ShouldEndWith("; then 1 smoke file on the old version, since going back would keep the schema");
        server!.Seen.ShouldBeEmpty();
    }

    public void Dispose()
    {
        opened?.Dispose();
        server?.Dispose();
    }

    private async Task<Release> PreparedAsync(SmokeOutcome before = SmokeOutcome.Passed, string rollback = "When = 'Automatic'", string without = "", string? untried = "")
    {
        server = LoopbackServer.Start(_ => new Reply(status));
        var release = opened = await Release.OpenAsync(
            rollback, Release.Database, more: "Smoke = @('smoke/shop.hurl')", without: without, files: ("smoke/shop.hurl", $"GET {server.Url}/orders\nHTTP 200\n"));
        await release.BackUpAsync();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "smoke before")
        {
            Phase = DeploymentPhase.Preparation,
            Target = SmokeDesk.BaselineName,
            Detail = JournalJson.ToNode((SmokeCheck[])[new SmokeCheck("shop", Path.Combine(release.Root, "smoke/shop.hurl"), before) { Line = before == SmokeOutcome.Passed ? 0 : 2, Message = before == SmokeOutcome.Passed ? "" : "status: actual 500, expected 200" }]),
        });
        if (untried is not null)
        {
            await release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "rehearsed")
            {
                Phase = DeploymentPhase.Preparation,
                Target = MigrationRehearsal.CaptureName("shop"),
                Detail = JournalJson.ToNode(RolledOutDatabase.Rehearsed(null) with { Untried = untried }),
            });
        }

        return release;
    }
}

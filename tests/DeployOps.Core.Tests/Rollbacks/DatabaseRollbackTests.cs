using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollbacks;

public sealed class DatabaseRollbackTests : RolledOutDatabase
{
    [Fact]
    public async Task Where_the_only_script_failed_there_is_nothing_to_restore_and_nothing_to_lose()
    {
        var release = Opened = await Release.OpenAsync(databases: Release.Database);
        await release.BackUpAsync();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Outcome, "V1__orders.sql") { Phase = DeploymentPhase.Migration, Target = "migrate/shop/1", Detail = JournalJson.ToNode(new StepRecord(StepState.Failed)) });
        release.ShopDatabase.Orders = 13;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.ShopDatabase.Orders.ShouldBe(13);
    }

    [Fact]
    public async Task Where_a_script_failed_between_its_statements_the_backup_comes_back()
    {
        var release = Opened = await Release.OpenAsync(
            databases: Release.Database.Replace("'Sqlite'", "'PostgreSql'", StringComparison.Ordinal),
            files: ("migrations/V1__orders.sql", "CREATE INDEX CONCURRENTLY a ON orders (id); CREATE INDEX CONCURRENTLY b ON orders (id);"));
        await release.BackUpAsync();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Outcome, "V1__orders.sql") { Phase = DeploymentPhase.Migration, Target = "migrate/shop/1", Detail = JournalJson.ToNode(new StepRecord(StepState.Failed)) });

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.ShopDatabase.Acts.ShouldContain("restore");
    }

    [Theory]
    [InlineData(DatabaseRollback.Keep, DatabaseRollback.Restore)]
    [InlineData(DatabaseRollback.Keep, DatabaseRollback.Down)]
    [InlineData(DatabaseRollback.Down, DatabaseRollback.Restore)]
    [InlineData(DatabaseRollback.Down, DatabaseRollback.Keep)]
    [InlineData(DatabaseRollback.Restore, DatabaseRollback.Keep)]
    public async Task An_order_to_go_back_another_way_than_was_gone_is_refused_and_never_taken_for_done(DatabaseRollback done, DatabaseRollback ordered)
    {
        var release = await RolledOutAsync();
        (await release.GoBackAsync(done)).Outcome.ShouldBe(PhaseOutcome.RolledBack);
        var before = (await release.RecordsAsync()).Count;

        var refused = await Errors.OfAsync(() => release.GoBackAsync(ordered), "RolledBackOtherwise");
        await Errors.OfAsync(async () => await new RollbackStarter(release.Ports(), new SilentReporter()) { Database = ordered }.PlanAsync(await release.WindowAsync()), "RolledBackOtherwise");

        refused.Message.ShouldContain($"was rolled back already, by -Database {done} and not by -Database {ordered}.");
        refused.Command.ShouldBe(ordered == DatabaseRollback.Keep
            ? "Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Phase Rollback"
            : $"Restore-DeploymentBackup '{Path.Combine(release.Folder, "shop.db")}' -Plan '{release.PlanPath}'");
        (await release.RecordsAsync()).Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(DatabaseRollback.Keep, null)]
    [InlineData(DatabaseRollback.Keep, DatabaseRollback.Keep)]
    [InlineData(DatabaseRollback.Restore, DatabaseRollback.Restore)]
    [InlineData(DatabaseRollback.Restore, DatabaseRollback.Down)]
    [InlineData(DatabaseRollback.Down, DatabaseRollback.Down)]
    public async Task An_order_for_what_is_so_already_is_nothing_to_do(DatabaseRollback done, DatabaseRollback? ordered)
    {
        var release = await RolledOutAsync();
        (await release.GoBackAsync(done)).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        (await release.GoBackAsync(ordered)).Summary.ShouldBe("Nothing to do: shop-2.4.0-1 is already rolled back.");
    }

    [Fact]
    public async Task An_order_that_waited_while_another_terminal_went_back_another_way_is_refused()
    {
        var release = await RolledOutAsync();
        var inStep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        release.Shop.BeforeAct = async (act, _) =>
        {
            if (act == "stop green-1")
            {
                inStep.SetResult();
                await goOn.Task;
            }
        };
        var first = release.GoBackAsync(DatabaseRollback.Keep);
        await inStep.Task.WaitAsync(Patience.Longest, TestContext.Current.CancellationToken);

        var second = release.GoBackToldAsync(DatabaseRollback.Restore, acceptDataLoss: true, reporter: new ScriptedReporter { OnProgress = () => goOn.TrySetResult() });

        await Errors.OfAsync(() => second, "RolledBackOtherwise");
        (await first).Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.ShopDatabase.Acts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "is gone.")]
    [InlineData("10000", "is not the file that was proven: 2 bytes then, 5 now.")]
    public async Task A_person_is_told_of_a_backup_that_cannot_be_restored_before_anybody_has_to_give_way(string text, string expected)
    {
        var release = await RolledOutAsync();
        var backup = Path.Combine(release.Folder, "shop.db");
        File.Delete(backup);
        if (text.Length > 0)
        {
            await File.WriteAllTextAsync(backup, text, TestContext.Current.CancellationToken);
        }

        var refused = await Should.ThrowAsync<DeployOpsException>(() => release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true));

        refused.Message.ShouldContain(expected);
        refused.Command.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep");
        (await release.FactsAsync()).Stop.ShouldBeNull();
        (await release.WindowAsync()).State.ShouldBe(WindowState.Open);
    }

    [Fact]
    public async Task What_keeps_a_backup_from_being_put_back_is_found_before_the_traffic_is_stopped()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Hindrance = new RestoreHindrance("a transaction is prepared in it", "End it.") { MayPass = true };

        var result = await release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true);

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        result.Summary.ShouldContain("shop is not replaced by its backup: a transaction is prepared in it. It is as it was before.");
        release.ShopDatabase.Acts.ShouldBeEmpty();
        release.Shop.Acts.ShouldNotContain("weights blue-1 0, green-1 0");
    }

    [Fact]
    public async Task Taken_over_while_the_backup_is_looked_at_nothing_is_restored()
    {
        var release = await RolledOutAsync();
        ScriptedReporter reporter = null!;
        reporter = new ScriptedReporter
        {
            OnProgress = () =>
            {
                if (reporter.Told.Last() == "shop: restoring")
                {
                    release.DeclareLostAsync().GetAwaiter().GetResult();
                }
            },
        };

        await Errors.OfAsync(() => release.GoBackToldAsync(DatabaseRollback.Restore, reporter: reporter), "EpochStale");

        release.ShopDatabase.Acts.ShouldBeEmpty();
        release.Shop.Acts[^1].ShouldBe("weights blue-1 0, green-1 0");
    }

    [Fact]
    public async Task Kept_the_database_is_not_touched()
    {
        var release = await RolledOutAsync();

        var result = await release.GoBackAsync(DatabaseRollback.Keep);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.ShopDatabase.Acts.ShouldBeEmpty();
        release.ShopDatabase.History.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(StepState.Failed, "No instance and no traffic had been changed, and no script was applied to its end.")]
    [InlineData(StepState.Done, "No instance and no traffic had been changed; what was migrated stays.")]
    [InlineData(StepState.Intended, "No instance and no traffic had been changed; what was migrated stays.")]
    public async Task What_is_said_of_the_schema_is_what_the_scripts_came_to(StepState state, string expected)
    {
        Opened = await Release.OpenAsync(databases: Release.Database);
        await Opened.Journal().AppendAsync(new JournalEntry(JournalKind.Outcome, "V1__orders.sql")
        {
            Phase = DeploymentPhase.Migration,
            Target = "migrate/shop/1",
            Detail = JournalJson.ToNode(new StepRecord(state)),
        });

        var result = await Opened.GoBackAsync(DatabaseRollback.Keep);

        result.Summary.ShouldBe(expected);
    }

    [Fact]
    public async Task Down_the_scripts_are_taken_back_in_reverse_after_the_traffic()
    {
        var release = await RolledOutAsync();

        var result = await release.GoBackAsync(DatabaseRollback.Down);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.ShopDatabase.Acts.ShouldBe(["revert U2__notes.sql", "revert U1__orders.sql"]);
        result.Steps[0].ShouldStartWith("traffic");
        result.Steps[^1].ShouldBe("shop: V1__orders.sql");
    }

    [Fact]
    public async Task Down_goes_as_far_as_the_rehearsal_saw_a_way_back()
    {
        var release = await RolledOutAsync(without: "migrations/U1__orders.sql", rehearsal: "1");

        var planned = await new RollbackStarter(release.Ports(), new SilentReporter()) { Database = DatabaseRollback.Down }.PlanAsync(await release.WindowAsync());
        var result = await release.GoBackAsync(DatabaseRollback.Down);

        planned.Summary.ShouldEndWith("database: Down, by the undo scripts as far as they lead back: shop: V1__orders.sql stays");
        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        result.Summary.ShouldContain("database: Down, by the undo scripts as far as they lead back: shop: V1__orders.sql stays.");
        release.ShopDatabase.Acts.ShouldBe(["revert U2__notes.sql"]);
        release.ShopDatabase.History.ShouldHaveSingleItem().Version.ToString().ShouldBe("1");
    }

    [Theory]
    [InlineData("smoke/more.hurl", "database: Down, by the undo scripts as far as they lead back: shop: V1__orders.sql stays")]
    [InlineData("migrations/U2__notes.sql", "database: Down, by the undo scripts; the rehearsal was of other scripts than shop: V1__orders.sql, shop: V2__notes.sql, so that nobody knows whether their undo scripts lead back")]
    public async Task The_point_of_no_return_stands_after_a_deviation_unless_it_is_of_the_scripts(string file, string told)
    {
        var release = Opened = await Release.OpenAsync(databases: Release.Database, more: "Smoke = @('smoke/*.hurl')", files: ("smoke/more.hurl", "GET http://127.0.0.1/\nHTTP 200\n"));
        await release.BackUpAsync();
        await RehearsedAsync(release, "1");
        release.Write(file, file.EndsWith(".sql", StringComparison.Ordinal) ? "DROP TABLE IF EXISTS notes;" : "GET http://127.0.0.1/cart\nHTTP 200\n");
        (await release.RunAsync(new MigrationPhase(), deviation: "it was wrong")).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        var planned = await new RollbackStarter(release.Ports(), new SilentReporter()) { Database = DatabaseRollback.Down }.PlanAsync(await release.WindowAsync());

        planned.Summary.ShouldEndWith(told);
    }

    [Fact]
    public async Task A_point_of_no_return_that_was_not_reached_keeps_nothing()
    {
        var release = Opened = await Release.OpenAsync("When = 'Never'", Release.Database, without: "migrations/U2__notes.sql");
        await release.BackUpAsync();
        await RehearsedAsync(release, "2");
        release.ShopDatabase.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "no such table") : 0;
        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        release.ShopDatabase.BeforeAct = _ => { };
        release.ShopDatabase.Acts.Clear();

        var result = await release.GoBackAsync(DatabaseRollback.Down);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.ShopDatabase.Acts.ShouldBe(["revert U1__orders.sql"]);
    }

    [Fact]
    public async Task Where_one_script_cannot_be_taken_back_none_is_and_the_plan_says_so()
    {
        var release = Opened = await Release.OpenAsync(databases: Release.Database, without: "migrations/U1__orders.sql");
        await release.BackUpAsync();
        await release.RunAsync(new MigrationPhase());
        await release.RunAsync(new RolloutPhase());
        release.ShopDatabase.Acts.Clear();

        var planned = await new RollbackStarter(release.Ports(), new SilentReporter()) { Database = DatabaseRollback.Down }.PlanAsync(await release.WindowAsync());
        var result = await release.GoBackAsync(DatabaseRollback.Down);

        planned.Summary.ShouldEndWith("but no script would be taken back: no undo script for V1__orders.sql");
        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        release.ShopDatabase.Acts.ShouldBeEmpty();
        release.Shop.Blue.Weight.ShouldBe(100);
    }

    [Theory]
    [InlineData(DatabaseRollback.Down, "revert U2__notes.sql", "revert U1__orders.sql")]
    [InlineData(DatabaseRollback.Restore, "restore")]
    public async Task A_database_that_a_deviation_took_out_of_the_plan_goes_back_all_the_same(DatabaseRollback database, params string[] acts)
    {
        var release = await RolledOutAsync();
        release.Write("plan.psd1", (await File.ReadAllTextAsync(release.PlanPath, TestContext.Current.CancellationToken)).Replace(Release.Database, "", StringComparison.Ordinal));
        var smoke = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, _ => Task.FromResult(PhaseOutcome.Succeeded), acts: false), deviation: "it was taken out");

        var result = await release.GoBackAsync(database);

        smoke.Error.ShouldBeNull();
        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.ShopDatabase.Acts.ShouldBe(acts);
    }

    [Fact]
    public async Task A_restore_that_was_done_is_neither_done_nor_refused_again()
    {
        var release = await RolledOutAsync();
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 100, green-1 0" && release.ShopDatabase.Acts.Count > 0 ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;
        (await release.GoBackAsync(DatabaseRollback.Restore)).Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        // The old version has the traffic again and sells.
        release.ShopDatabase.Orders = 11;
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Forget();

        var again = await release.GoBackAsync(DatabaseRollback.Restore);

        again.Outcome.ShouldBe(PhaseOutcome.RolledBack, again.Summary);
        release.ShopDatabase.Acts.ShouldBe(["restore"]);
        release.ShopDatabase.Orders.ShouldBe(11);
        release.Shop.Acts.ShouldNotContain("weights blue-1 0, green-1 0");
    }
}

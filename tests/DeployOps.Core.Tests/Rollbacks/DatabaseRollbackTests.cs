using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Production;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollbacks;

public sealed class DatabaseRollbackTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task What_was_accepted_for_an_attempt_that_failed_is_not_accepted_for_what_was_sold_since()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("RestoreFailed", FaultKind.Failed, "the disk is full");
        (await release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true)).Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        release.ShopDatabase.BeforeRestore = () => { };
        release.ShopDatabase.Orders = 500;

        await Errors.OfAsync(() => release.GoBackAsync(), "DataLossNotAccepted");

        release.ShopDatabase.Orders.ShouldBe(500);
    }

    [Fact]
    public async Task Where_the_only_script_failed_there_is_nothing_to_restore_and_nothing_to_lose()
    {
        var release = opened = await Release.OpenAsync(databases: Release.Database);
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
        var release = opened = await Release.OpenAsync(
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_that_is_not_what_was_proven_stops_no_traffic(bool isGone)
    {
        var release = await RolledOutAsync("When = 'Automatic'; Database = 'Restore'");
        var backup = Path.Combine(release.Folder, "shop.db");
        if (isGone)
        {
            File.Delete(backup);
        }
        else
        {
            await File.WriteAllTextAsync(backup, "99", TestContext.Current.CancellationToken);
        }

        var (result, _) = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, _ => Task.FromResult(PhaseOutcome.Failed)));

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        result.Summary.ShouldContain(isGone ? "is gone" : "is not the file that was proven: SHA-256");
        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
        (await release.FactsAsync()).Step("restore/shop").ShouldBeNull();
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
    public async Task What_is_written_while_the_copy_is_filled_was_not_accepted_and_is_not_lost()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;
        release.ShopDatabase.BesideIsFilled = () => release.ShopDatabase.Orders = 14;

        var result = (await release.GoBackToldAsync(DatabaseRollback.Restore, reporter: new ScriptedReporter(true))).Result;

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        result.Summary.ShouldContain("shop was written to after it was said what restoring loses: shop.orders has 14 rows, 13 then. Connected to it: nightly orders.");
        release.ShopDatabase.Orders.ShouldBe(14);
    }

    [Fact]
    public async Task Whoever_accepts_the_loss_by_the_parameter_is_told_what_was_written_meanwhile_and_by_whom()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;
        release.ShopDatabase.BesideIsFilled = () => release.ShopDatabase.Orders = 14;
        var reporter = new ScriptedReporter();

        var ending = await release.GoBackToldAsync(DatabaseRollback.Restore, acceptDataLoss: true, reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, ending.Result.Summary);
        release.ShopDatabase.Orders.ShouldBe(10);
        const string Told = "what was written while it was restored is lost too, as was accepted: shop.orders has 14 rows, 13 then. Connected to it: nightly orders.";
        reporter.Warnings.ShouldContain($"shop: {Told}");
        (await release.RecordsAsync()).ShouldContain(record => record.Target == "restore/shop" && record.Message.EndsWith(Told, StringComparison.Ordinal));
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
        opened = await Release.OpenAsync(databases: Release.Database);
        await opened.Journal().AppendAsync(new JournalEntry(JournalKind.Outcome, "V1__orders.sql")
        {
            Phase = DeploymentPhase.Migration,
            Target = "migrate/shop/1",
            Detail = JournalJson.ToNode(new StepRecord(state)),
        });

        var result = await opened.GoBackAsync(DatabaseRollback.Keep);

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

    [Fact]
    public async Task A_point_of_no_return_that_was_not_reached_keeps_nothing()
    {
        var release = opened = await Release.OpenAsync("When = 'Never'", Release.Database, without: "migrations/U2__notes.sql");
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
        var release = opened = await Release.OpenAsync(databases: Release.Database, without: "migrations/U1__orders.sql");
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

    [Fact]
    public async Task A_yes_that_was_typed_holds_for_whoever_carries_the_restore_on()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 12;
        using var cancel = new CancellationTokenSource();
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 0, green-1 0" ? cancel.CancelAsync() : Task.CompletedTask;
        await release.GoBackToldAsync(DatabaseRollback.Restore, reporter: new ScriptedReporter(answer: true), cancellationToken: cancel.Token);
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;

        (await release.FactsAsync()).Stop!.Value.Request.AcceptDataLoss.ShouldBeTrue();
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
    }

    [Fact]
    public async Task Restored_nobody_writes_meanwhile_and_the_old_version_gets_the_traffic()
    {
        var release = await RolledOutAsync();

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1", "weights blue-1 0, green-1 0", "weights blue-1 100, green-1 0"]);
        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        result.Steps[^1].ShouldBe("databases restored from their backups");
        release.ShopDatabase.Acts.ShouldBe(["restore"]);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
        release.Shop.Green.Version.ShouldBeNull();
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
    public async Task Rows_written_since_the_backup_are_counted_and_not_lost_without_a_yes()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;

        var refused = await Should.ThrowAsync<DeployOpsException>(() => release.GoBackAsync(DatabaseRollback.Restore));
        var acts = release.Shop.Acts.ToList();
        var accepted = await release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true);

        refused.ErrorId.ShouldBe("DataLossNotAccepted");
        refused.Message.ShouldContain("shop.orders has 13 rows, 10 in the backup");
        acts.ShouldBeEmpty();
        accepted.Outcome.ShouldBe(PhaseOutcome.RolledBack, accepted.Summary);
        release.ShopDatabase.Orders.ShouldBe(10);
    }

    [Fact]
    public async Task Where_the_old_version_cannot_be_started_the_traffic_of_the_new_one_is_not_stopped()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.Version = null;
        release.Shop.Build = version => version == "2.3.0" ? null : version;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        result.Summary.ShouldContain("health of blue-1");
        release.Shop.Acts.ShouldNotContain("weights blue-1 0, green-1 0");
        release.ShopDatabase.Acts.ShouldBeEmpty();
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((0, 100));
    }

    [Fact]
    public async Task An_old_version_that_died_while_traffic_was_stopped_is_started_before_traffic_comes_back()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.BeforeRestore = () => release.Shop.Blue.Version = null;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.TakeLast(2).ShouldBe(["deploy blue-1 2.3.0", "weights blue-1 100, green-1 0"]);
    }

    [Fact]
    public async Task Going_back_by_itself_takes_the_traffic_back_and_leaves_only_the_database_to_a_person()
    {
        var release = await RolledOutAsync("When = 'Automatic'; Database = 'Restore'");
        release.ShopDatabase.Orders = 13;

        var (result, error) = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, _ => throw new DeployOpsException("SmokeFailed", FaultKind.Failed, "the checkout is broken.")));

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
        release.ShopDatabase.Acts.ShouldBeEmpty();
        error!.Message.ShouldContain("Production: 2.3.0 serves everything");
        error.Message.ShouldEndWith("Next: To lose them: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore -AcceptDataLoss; to keep them on the migrated schema: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep");
    }

    [Fact]
    public async Task Where_requests_remain_nothing_is_restored_and_the_old_version_has_the_traffic()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.InFlight = 2;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        result.Summary.ShouldContain("2 requests still in flight");
        release.ShopDatabase.Acts.ShouldBeEmpty();
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
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

    [Fact]
    public async Task A_restore_that_fails_leaves_production_serving_what_it_served()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("RestoreFailed", FaultKind.Failed, "the disk is full");

        var failed = await release.GoBackAsync(DatabaseRollback.Restore);
        var weights = (release.Shop.Blue.Weight, release.Shop.Green.Weight);
        release.ShopDatabase.BeforeRestore = () => { };
        var again = await release.GoBackAsync(DatabaseRollback.Restore);

        failed.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        failed.Summary.ShouldContain("the disk is full");
        weights.ShouldBe((100, 0));
        again.Outcome.ShouldBe(PhaseOutcome.RolledBack, again.Summary);
    }

    [Fact]
    public async Task Killed_while_traffic_was_stopped_the_next_run_opens_it_even_where_it_fails()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;
        // As after a kill, this run touches nothing any more.
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("EpochStale", FaultKind.Stopped, "somebody took over");
        await Errors.OfAsync(() => release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true), "EpochStale");
        var killed = (release.Shop.Blue.Weight, release.Shop.Green.Weight);
        var told = ProductionState.Of(await release.FactsAsync()).Traffic;
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("RestoreFailed", FaultKind.Failed, "the disk is full");

        // What was asked for and accepted then holds for whoever carries it on.
        var failed = await release.GoBackAsync();

        killed.ShouldBe((0, 0));
        told.ShouldBe("nobody is served: traffic is stopped while databases are restored");
        failed.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
    }

    [Fact]
    public async Task Killed_while_traffic_was_stopped_a_way_back_that_keeps_the_database_opens_it_again()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 13;
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("EpochStale", FaultKind.Stopped, "somebody took over");
        await Errors.OfAsync(() => release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true), "EpochStale");

        var result = await release.GoBackAsync(DatabaseRollback.Keep);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
        release.ShopDatabase.Orders.ShouldBe(13);
    }

    [Theory]
    [InlineData(DatabaseRollback.Keep)]
    [InlineData(DatabaseRollback.Restore)]
    public async Task What_a_killed_restore_left_is_put_right_before_traffic_flows_and_whatever_is_done_now(DatabaseRollback way)
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("EpochStale", FaultKind.Stopped, "somebody took over");
        await Errors.OfAsync(() => release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true), "EpochStale");
        release.ShopDatabase.BeforeRestore = () => { };
        var before = release.ShopDatabase.Mended;
        var weights = -1;
        release.ShopDatabase.BeforeAct = act => weights = act == "mend" ? release.Shop.Blue.Weight + release.Shop.Green.Weight : weights;

        var result = await release.GoBackAsync(way, acceptDataLoss: true);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        (before, release.ShopDatabase.Mended, weights).ShouldBe((0, 1, 0));
    }

    [Fact]
    public async Task What_cannot_be_put_right_keeps_no_traffic_from_going_back()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("EpochStale", FaultKind.Stopped, "somebody took over");
        await Errors.OfAsync(() => release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true), "EpochStale");
        release.ShopDatabase.BeforeAct = act =>
        {
            if (act == "mend")
            {
                throw new DeployOpsException("DatabaseUnreachable", FaultKind.Failed, "no answer");
            }
        };
        var reporter = new ScriptedReporter();

        var (result, _) = await release.GoBackToldAsync(DatabaseRollback.Keep, reporter: reporter);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        reporter.Warnings.ShouldContain(words => words.Contains("What a restore of shop left that did not end could not be put right: no answer"));
    }

    [Fact]
    public async Task Rows_that_come_before_traffic_is_stopped_are_counted_too()
    {
        var release = await RolledOutAsync();
        release.Shop.BeforeAct = (act, _) =>
        {
            release.ShopDatabase.Orders = act == "weights blue-1 0, green-1 0" ? 11 : release.ShopDatabase.Orders;
            return Task.CompletedTask;
        };

        var refused = await release.GoBackAsync(DatabaseRollback.Restore);
        var accepted = await release.GoBackAsync(DatabaseRollback.Restore, acceptDataLoss: true);

        refused.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        refused.Summary.ShouldContain("shop.orders has 11 rows, 10 in the backup");
        accepted.Outcome.ShouldBe(PhaseOutcome.RolledBack, accepted.Summary);
        (await release.RecordsAsync()).ShouldContain(record => record.Target == "data loss accepted" && record.Message.Contains("shop.orders has 11 rows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_yes_holds_until_traffic_is_stopped_and_nobody_is_asked_while_no_one_is_served()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Orders = 12;
        release.Shop.BeforeAct = (act, _) =>
        {
            release.ShopDatabase.Orders = act == "weights blue-1 0, green-1 0" ? 13 : release.ShopDatabase.Orders;
            return Task.CompletedTask;
        };
        var weights = new List<int>();
        var reporter = new ScriptedReporter(answer: true)
        {
            WhileAsked = _ =>
            {
                weights.Add(release.Shop.Blue.Weight + release.Shop.Green.Weight);
                return Task.CompletedTask;
            },
        };

        var (result, _) = await release.GoBackToldAsync(DatabaseRollback.Restore, reporter: reporter);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        weights.ShouldBe([100]);
        reporter.Proposals.ShouldBeEmpty();
        reporter.Questions.Single().ShouldContain("shop.orders has 12 rows, 10 in the backup; and what is written until traffic is stopped");
        (await release.RecordsAsync()).ShouldContain(record => record.Target == "data loss accepted" && record.Message.Contains("shop.orders has 13 rows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancelled_while_it_drains_for_a_restore_the_old_version_has_the_traffic()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.InFlight = 2;
        using var cancel = new CancellationTokenSource();
        release.Shop.BeforeAct = (act, _) => act == "weights blue-1 0, green-1 0" ? cancel.CancelAsync() : Task.CompletedTask;

        var (result, _) = await release.GoBackToldAsync(DatabaseRollback.Restore, cancellationToken: cancel.Token);

        result.Outcome.ShouldBe(PhaseOutcome.Cancelled, result.Summary);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
        release.ShopDatabase.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Restored_where_nothing_was_rolled_out_the_traffic_comes_back()
    {
        var release = opened = await Release.OpenAsync(databases: Release.Database);
        await release.BackUpAsync();
        await release.RunAsync(new MigrationPhase());

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["weights blue-1 0, green-1 0", "weights blue-1 100, green-1 0"]);
        release.Shop.Blue.Weight.ShouldBe(100);
    }

    [Fact]
    public async Task Losses_are_counted_by_the_columns_of_the_backup()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.AddsColumn = true;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
    }

    public void Dispose() => opened?.Dispose();

    private static Task RehearsedAsync(Release release, string pointOfNoReturn) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "rehearsed")
    {
        Phase = DeploymentPhase.Preparation,
        Target = MigrationRehearsal.CaptureName("shop"),
        Detail = JournalJson.ToNode(Rehearsed(pointOfNoReturn)),
    });

    private static MigrationRehearsal Rehearsed(string pointOfNoReturn) => new()
    {
        Database = "shop",
        Scripts = [.. new[] { "1", "2" }.Select(version => new ScriptRehearsal { Script = $"V{version}__a.sql", Version = version, Checksum = "", Duration = TimeSpan.FromSeconds(1) })],
        StartedAt = ScaledTime.Day,
        Duration = TimeSpan.FromSeconds(2),
        PointOfNoReturn = pointOfNoReturn,
    };

    private async Task<Release> RolledOutAsync(string rollback = "When = 'Automatic'", string without = "", string? rehearsal = null)
    {
        var release = opened = await Release.OpenAsync(rollback, databases: Release.Database, without: without);
        await release.BackUpAsync();
        if (rehearsal is not null)
        {
            await RehearsedAsync(release, rehearsal);
        }

        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
        release.ShopDatabase.Acts.Clear();
        release.Shop.Forget();
        return release;
    }
}

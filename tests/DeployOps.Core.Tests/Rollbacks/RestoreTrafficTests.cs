using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Production;
using DeployOps.Rollbacks;

namespace DeployOps.Core.Tests.Rollbacks;

/// <summary>Nobody is served while a database is replaced, and somebody is before and after, whatever fails.</summary>
public sealed class RestoreTrafficTests : RolledOutDatabase
{
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
        var release = Opened = await Release.OpenAsync(databases: Release.Database);
        await release.BackUpAsync();
        await release.RunAsync(new MigrationPhase());

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["weights blue-1 0, green-1 0", "weights blue-1 100, green-1 0"]);
        release.Shop.Blue.Weight.ShouldBe(100);
    }
}

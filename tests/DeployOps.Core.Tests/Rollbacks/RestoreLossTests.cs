using DeployOps.Core.Tests.Support;
using DeployOps.Phases;
using DeployOps.Rollbacks;

namespace DeployOps.Core.Tests.Rollbacks;

/// <summary>What was written since the backup is lost by a restore only where a person accepted just that.</summary>
public sealed class RestoreLossTests : RolledOutDatabase
{
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
    public async Task What_columns_hold_that_the_backup_does_not_have_is_warned_of_and_not_asked()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.Added = [new("note", 3, IsUniform: false), new("status", 10, IsUniform: true)];
        var reporter = new ScriptedReporter();

        var (result, _) = await release.GoBackToldAsync(DatabaseRollback.Restore, reporter: reporter);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        reporter.Questions.ShouldBeEmpty();
        reporter.Warnings.ShouldContain("Restoring also loses what was written to columns that the backup does not have, with what the migration itself put there: shop.orders.note has 3 values.");
    }

    [Fact]
    public async Task Losses_are_counted_by_the_columns_of_the_backup()
    {
        var release = await RolledOutAsync();
        release.ShopDatabase.AddsColumn = true;

        var result = await release.GoBackAsync(DatabaseRollback.Restore);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
    }
}

using DeployOps.Core.Tests.Reports;
using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Preparation;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Migrations.Rehearsal;

/// <summary>What was not rehearsed is told wherever a rehearsal would be, and not by a warning alone.</summary>
public sealed class UntriedRehearsalTests
{
    private const string Why = "the account may not; grant it CREATE USER";

    [Fact]
    public async Task What_was_not_rehearsed_is_in_the_result_and_in_the_test_of_the_plan()
    {
        using var release = await Release.OpenAsync(databases: Release.Database, prepared: false);
        release.ShopDatabase.Copy.Open = Why;

        (await release.RunAsync(new PreparationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var tested = await new PlanTester(release.Ports()).TestAsync(release.PlanPath);
        var migrated = await release.RunAsync(new MigrationPhase());

        tested.Rehearsals.ShouldHaveSingleItem().ToString().ShouldBe($"shop not rehearsed: {Why}");
        migrated.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        migrated.Result.Databases.ShouldHaveSingleItem().Rehearsal.ShouldNotBeNull().Untried.ShouldBe(Why);
        (await release.RecordsAsync()).ShouldNotContain(record => record.Message.Contains("others than those that were rehearsed", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_not_rehearsed_is_in_the_report()
    {
        var page = ReadPage.Of(new SampleJournal().Open().Prepare().Capture(DeploymentPhase.Preparation, MigrationRehearsal.CaptureName("shop"), MigrationRehearsal.None("shop", ScaledTime.Day, Why)));

        page.Section("migration").ShouldContain("Not rehearsed");
        page.Section("migration").ShouldContain(Why);
    }
}

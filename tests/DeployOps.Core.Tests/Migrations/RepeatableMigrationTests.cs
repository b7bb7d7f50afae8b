using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollbacks;

namespace DeployOps.Core.Tests.Migrations;

/// <summary>A release with a script that has no version.</summary>
public sealed class RepeatableMigrationTests
{
    private static readonly (string, string) Totals = ("migrations/R__totals.sql", "DROP VIEW IF EXISTS totals; CREATE VIEW totals AS SELECT 1;");

    [Fact]
    public async Task It_runs_after_all_that_have_a_version_and_is_no_version_itself()
    {
        using var release = await Release.OpenAsync(databases: Release.Database, files: Totals);

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql", "apply R__totals.sql"]);
        ending.Result.Databases.ShouldHaveSingleItem().ToString().ShouldBe("shop: no version -> 2, 3 scripts, 0 validations");
    }

    [Fact]
    public async Task Its_text_of_before_makes_it_run_again()
    {
        using var release = await Release.OpenAsync(databases: Release.Database, files: Totals);
        release.ShopDatabase.History.Add(new AppliedMigration(MigrationVersion.TryParse("R__totals")!, "totals", "another", ScaledTime.Day, "kim"));

        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        release.ShopDatabase.Acts[^1].ShouldBe("apply R__totals.sql");
    }

    [Fact]
    public async Task A_run_that_carries_on_knows_it_by_its_name()
    {
        using var release = await Release.OpenAsync("When = 'Never'", Release.Database, files: Totals);
        release.ShopDatabase.BeforeAct = act => _ = act == "apply R__totals.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "it failed.", "Mend it.") : 0;
        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());
        release.ShopDatabase.BeforeAct = _ => { };

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql", "apply R__totals.sql"]);
    }

    [Fact]
    public async Task It_is_left_as_it_is_when_the_release_goes_back()
    {
        using var release = await Release.OpenAsync("When = 'Never'", Release.Database, files: Totals);
        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        await release.GoBackAsync(DatabaseRollback.Down);

        release.ShopDatabase.Acts.ShouldNotContain(act => act.StartsWith("revert R__", StringComparison.Ordinal));
        release.ShopDatabase.Acts.Count(act => act.StartsWith("revert U", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
        release.ShopDatabase.History.ShouldHaveSingleItem().Version.IsRepeatable.ShouldBeTrue();
    }
}

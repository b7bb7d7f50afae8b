using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;

namespace DeployOps.Core.Tests.Migrations.Imports;

public sealed class DatabaseAdoptionTests
{
    [Fact]
    public async Task A_database_is_taken_in_at_a_version_and_migrated_from_there()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        var adoption = Adoption(release);

        var planned = await adoption.PlanBaselineAsync("1.0", default);
        var untouched = release.ShopDatabase.History.Count;
        var written = await adoption.WriteAsync(planned, default);

        (planned.ToString(), planned.Written, untouched).ShouldBe(("baseline 1: 1 scripts, 1", false, 0));
        planned.Pending.ShouldBe(["V2__notes.sql"]);
        written.Written.ShouldBeTrue();
        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());
        release.ShopDatabase.Acts.ShouldBe(["adopt 1", "apply V2__notes.sql"]);
    }

    [Theory]
    [InlineData("two")]
    [InlineData("R__totals")]
    [InlineData("")]
    public async Task What_is_no_version_is_no_baseline(string version)
    {
        using var release = await Release.OpenAsync(databases: Release.Database);

        (await Should.ThrowAsync<DeployOpsException>(Adoption(release).PlanBaselineAsync(version, default))).ErrorId.ShouldBe("MigrationBaselineInvalid");
    }

    [Fact]
    public async Task A_database_with_a_history_is_refused()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        var adoption = Adoption(release);
        await adoption.WriteAsync(await adoption.PlanBaselineAsync("1", default), default);

        var error = await Should.ThrowAsync<DeployOpsException>(adoption.PlanImportAsync(MigrationTool.Flyway, null, default));

        error.Message.ShouldBe("The database has a history of 1 script already. A history is taken over once, before the first migration; see what is pending with Invoke-DbMigration -WhatIf.");
    }

    [Fact]
    public async Task Another_tools_history_is_taken_over_with_who_and_when()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        release.ShopDatabase.Foreign = [new ForeignMigration("Script0001 - orders.sql", ScaledTime.Day)];

        var planned = await Adoption(release).PlanImportAsync(MigrationTool.DbUp, "shop.schemaversions", default);

        planned.Source.ShouldBe("DbUp shop.schemaversions");
        planned.Scripts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            row => row.Check.ShouldBe(AdoptionCheck.Recorded), row => row.Row.AppliedAt.ShouldBe(ScaledTime.Day), row => row.Row.AppliedBy.ShouldStartWith("(imported from shop.schemaversions by "));
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_named()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);

        (await Should.ThrowAsync<DeployOpsException>(Adoption(release).PlanImportAsync(MigrationTool.Evolve, null, default))).Message.ShouldStartWith("The database has no table changelog.");
    }

    private static DatabaseAdoption Adoption(Release release) => new(release.Ports(), new DatabaseSpec
    {
        Name = "shop",
        Kind = "Sqlite",
        ConnectionString = "Data Source=shop.db",
        Migrations = Path.Combine(release.Root, "migrations"),
        BaseFolder = release.Root,
    });
}

using System.Text;
using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Imports;

public sealed class ForeignHistoryTests
{
    private const string Text = "CREATE TABLE orders (id int);\n-- größer\n\nINSERT INTO orders VALUES (1);\n";

    [Fact]
    public void The_tools_checksums_are_computed_as_they_compute_them()
    {
        ForeignChecksums.IsFlyways("-393020252", Text).ShouldBeTrue();
        ForeignChecksums.IsFlyways("-393020252", Text + "x").ShouldBeFalse();
        ForeignChecksums.IsEvolves("44DCDC51F4BEE5884AEF68DA65A7668A", Text).ShouldBeTrue();
        ForeignChecksums.IsEvolves("01BDE0F6917C26F8C549D9C2484AEBD4", Text).ShouldBeTrue();
        ForeignChecksums.IsEvolves("F06B84703AEBA6DA57EB580E62506DAE", Text).ShouldBeTrue();
        ForeignChecksums.IsEvolves("44DCDC51F4BEE5884AEF68DA65A7668A", Text.ToUpperInvariant()).ShouldBeFalse();
    }

    [Fact]
    public void Flyways_rows_are_what_is_in_effect()
    {
        var rows = Adopt(
            MigrationTool.Flyway,
            ["V1__a.sql", "V2__b.sql", "V3__c.sql", "V4__d.sql", "R__totals.sql", "R__other.sql"],
            Flyway("SCHEMA", null, "\"shop\""), Flyway("SQL", "1", "V1__a.sql"), Flyway("SQL", "2", "V2__b.sql"), Flyway("UNDO_SQL", "2", "U2__b.sql"), Flyway("SQL", "3", "db/V3__c.sql"),
            Flyway("JDBC", "3.1", "V3_1__code"), Flyway("SQL", null, "R__totals.sql"), Flyway("SQL", null, "R__other.sql", "99"));

        rows.ShouldBe(["V1__a.sql: Verified", "V3__c.sql: Verified", "3.1: WithoutScript", "R__totals.sql: Verified"]);
    }

    [Fact]
    public void Below_a_baseline_everything_counts_as_applied() => Adopt(
        MigrationTool.Flyway,
        ["V1__a.sql", "V2__b.sql", "V3__c.sql"],
        Flyway("BASELINE", "2.5", "<< Flyway Baseline >>"),
        Flyway("SQL", "3", "V3__c.sql")).ShouldBe(["V1__a.sql: Baseline", "V2__b.sql: Baseline", "2.5: WithoutScript", "V3__c.sql: Verified"]);

    [Fact]
    public void Evolves_failed_row_is_forgotten_when_it_succeeded_later_and_its_start_version_is_run()
    {
        var rows = Adopt(
            MigrationTool.Evolve,
            ["V1__a.sql", "V2__b.sql", "R__totals.sql"],
            Evolve("2", "0", "shop"), Evolve("3", "2", ""), Evolve("0", "2", "V2__b.sql") with { Succeeded = false }, Evolve("0", "2", "V2__b.sql"), Evolve("4", null, "R__totals.sql"));

        rows.ShouldBe(["V1__a.sql: Baseline", "V2__b.sql: Verified", "R__totals.sql: Verified"]);
    }

    [Theory]
    [InlineData("V1__create_orders.sql")]
    [InlineData("Shop.Database.Scripts.V1__create_orders.sql")]
    [InlineData("Shop.Scripts.Script0001 - Create orders.sql")]
    [InlineData("0001_create_orders.sql")]
    [InlineData("Script1-Create Orders.sql")]
    public void DbUps_scripts_are_found_by_their_names(string name) =>
        Adopt(MigrationTool.DbUp, ["V1__create_orders.sql", "V2__b.sql"], new ForeignMigration(name, ScaledTime.Day)).ShouldBe(["V1__create_orders.sql: Recorded"]);

    [Fact]
    public void Every_name_that_is_no_script_is_told()
    {
        var error = Should.Throw<DeployOpsException>(() => Adopt(MigrationTool.DbUp, ["V1__a.sql"], new ForeignMigration("Script0002 - b.sql", ScaledTime.Day), new ForeignMigration("seed.sql", ScaledTime.Day)));

        error.ErrorId.ShouldBe("MigrationHistoryUnmapped");
        error.Message.ShouldStartWith("The history has 'Script0002 - b.sql', 'seed.sql', which is no script of the folder.");
    }

    [Theory]
    [InlineData(MigrationTool.Flyway)]
    [InlineData(MigrationTool.Evolve)]
    public void A_script_that_failed_is_to_be_repaired_first(MigrationTool tool)
    {
        var row = tool == MigrationTool.Flyway ? Flyway("SQL", "1", "V1__a.sql") : Evolve("0", "1", "V1__a.sql");

        Should.Throw<DeployOpsException>(() => Adopt(tool, ["V1__a.sql"], row with { Succeeded = false })).ErrorId.ShouldBe("MigrationHistoryFailed");
    }

    [Fact]
    public void A_script_of_another_text_is_refused_by_name() =>
        Should.Throw<DeployOpsException>(() => Adopt(MigrationTool.Flyway, ["V1__a.sql", "V2__b.sql"], Flyway("SQL", "1", "V1__a.sql", "77"), Flyway("SQL", "2", "V2__b.sql"))).Message
            .ShouldStartWith("V1__a.sql: another text than the one that was applied, by its checksum in the history.");

    [Fact]
    public void A_script_older_than_the_folder_is_recorded_without_one_and_a_gap_is_refused()
    {
        Adopt(MigrationTool.Flyway, ["V2__b.sql"], Flyway("SQL", "1", "V1__a.sql"), Flyway("SQL", "2", "V2__b.sql")).ShouldBe(["1: WithoutScript", "V2__b.sql: Verified"]);

        Should.Throw<DeployOpsException>(() => Adopt(MigrationTool.Flyway, ["V1__a.sql"], Flyway("SQL", "1", "V1__a.sql"), Flyway("SQL", "2", "V2__b.sql"))).ErrorId.ShouldBe("MigrationMissing");
    }

    [Fact]
    public void At_a_baseline_the_scripts_up_to_it_count_as_applied()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql", "V3__c.sql", "R__totals.sql");

        var rows = HistoryPlanner.Baseline(MigrationVersion.TryParse("2.5")!, scripts, ScaledTime.Day, "kim");

        rows.Select(row => row.ToString()).ShouldBe(["V1__a.sql: Baseline", "V2__b.sql: Baseline", "2.5: WithoutScript"]);
        MigrationPlanner.Plan(scripts, [.. rows.Select(row => row.Row)]).ShouldSatisfyAllConditions(
            plan => plan.Refusals.ShouldBeEmpty(), plan => plan.ToString().ShouldBe("2.5 -> 3, 2 pending"), plan => plan.Pending[1].FileName.ShouldBe("R__totals.sql"));
    }

    private static IReadOnlyList<string> Adopt(MigrationTool tool, string[] files, params ForeignMigration[] rows)
    {
        var scripts = Scripts(files);
        return [.. HistoryPlanner.Adopt(ForeignHistory.InEffect(tool, rows, scripts), scripts, row => row.AppliedBy).Select(row => row.ToString())];
    }

    private static IReadOnlyList<MigrationScript> Scripts(params string[] files) => MigrationFolder.Parse(files.Select(file => new SqlFile(file, Encoding.UTF8.GetBytes(Text))));

    private static ForeignMigration Flyway(string kind, string? version, string script, string checksum = "-393020252") =>
        new(script, ScaledTime.Day) { Kind = kind, Version = version, Checksum = kind == "SQL" ? checksum : null, AppliedBy = "kim" };

    private static ForeignMigration Evolve(string kind, string? version, string script) =>
        new(script, ScaledTime.Day) { Kind = kind, Version = version, Checksum = kind is "0" or "4" ? "44DCDC51F4BEE5884AEF68DA65A7668A" : "", AppliedBy = "" };
}

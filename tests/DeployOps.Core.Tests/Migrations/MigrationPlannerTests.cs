using System.Text;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations;

public sealed class MigrationPlannerTests
{
    [Fact]
    public void What_is_not_in_the_history_is_pending_in_order()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql", "V10__c.sql", "U10__c.sql");

        var plan = MigrationPlanner.Plan(scripts, [Applied(scripts[0])]);

        plan.Pending.Select(script => script.FileName).ShouldBe(["V2__b.sql", "V10__c.sql"]);
        plan.Refusals.ShouldBeEmpty();
        plan.ToString().ShouldBe("1 -> 10, 2 pending");
        Should.NotThrow(plan.ThrowIfRefused);
    }

    [Fact]
    public void Nothing_is_pending_where_everything_is_applied()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql");

        var plan = MigrationPlanner.Plan(scripts, [.. scripts.Select(Applied)]);

        plan.Pending.ShouldBeEmpty();
        plan.Target.ShouldBe(plan.Current);
    }

    [Fact]
    public void A_repeatable_script_is_needed_when_its_text_changed_and_comes_last_by_name()
    {
        var scripts = Scripts("R__b.sql", "V1__a.sql", "R__a.sql", "V2__b.sql");
        MigrationScript Of(string name) => scripts.Single(script => script.FileName == name);

        var plan = MigrationPlanner.Plan(scripts, [Applied(Of("R__b.sql")) with { Checksum = "another" }, Applied(Of("V1__a.sql"))]);
        var later = MigrationPlanner.Plan(scripts, [.. scripts.Select(Applied)]);

        plan.Pending.Select(script => script.FileName).ShouldBe(["V2__b.sql", "R__a.sql", "R__b.sql"]);
        plan.Refusals.ShouldBeEmpty();
        plan.ToString().ShouldBe("1 -> 2, 3 pending");
        later.ToString().ShouldBe("2 -> 2, 0 pending");
    }

    [Fact]
    public void A_repeatable_script_that_is_gone_is_not_asked_for() =>
        MigrationPlanner.Plan([], [Applied(Scripts("R__a.sql")[0])]).ShouldSatisfyAllConditions(plan => plan.Refusals.ShouldBeEmpty(), plan => plan.Current.ShouldBeNull());

    [Fact]
    public void An_empty_folder_and_an_empty_history_need_nothing() =>
        MigrationPlanner.Plan([], []).ToString().ShouldBe("no version -> no version, 0 pending");

    [Fact]
    public void A_script_that_changed_after_it_was_applied_is_refused_with_both_checksums()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql");
        var row = Applied(scripts[0]) with { Checksum = new string('0', 64) };

        var refusal = MigrationPlanner.Plan(scripts, [row]).Refusals.ShouldHaveSingleItem();

        refusal.ErrorId.ShouldBe("MigrationChecksumMismatch");
        refusal.Message.ShouldContain("V1__a.sql");
        refusal.Message.ShouldContain("000000000000 then");
        refusal.Message.ShouldContain(scripts[0].Checksum[..12] + " now");
    }

    [Fact]
    public void A_checksum_in_capital_letters_is_the_same()
    {
        var scripts = Scripts("V1__a.sql");

        MigrationPlanner.Plan(scripts, [Applied(scripts[0]) with { Checksum = scripts[0].Checksum.ToUpperInvariant() }]).Refusals.ShouldBeEmpty();
    }

    [Fact]
    public void A_script_older_than_the_newest_applied_is_refused_by_name_and_stays_pending_for_a_deviation()
    {
        var scripts = Scripts("V1__a.sql", "V2__late.sql", "V3__c.sql", "V4__d.sql");

        var plan = MigrationPlanner.Plan(scripts, [Applied(scripts[0]), Applied(scripts[2])]);

        plan.Refusals.ShouldHaveSingleItem().ToString().ShouldBe("MigrationOutOfOrder: V2__late.sql is older than 3, the newest version applied.");
        plan.Pending.Select(script => script.FileName).ShouldBe(["V2__late.sql", "V4__d.sql"]);
    }

    [Fact]
    public void A_script_that_allows_it_at_its_top_comes_late_or_changed_and_its_reason_is_told()
    {
        const string Allowed = "-- written on a branch\n\n  -- deployops: allow seq001 reason=\"merged late\"\nSELECT 2";
        var scripts = MigrationFolder.Parse([Script("V1__a.sql", "SELECT 1"), Script("V2__late.sql", Allowed), Script("V3__was.sql", Allowed)]);
        var reporter = new Support.ScriptedReporter();

        var plan = MigrationPlanner.Plan(scripts, [Applied(scripts[0]), Applied(scripts[2]) with { Checksum = "x" }]);
        plan.Require(reporter);

        plan.Refusals.ShouldBeEmpty();
        plan.Allowed.Select(one => $"{one.ErrorId} {one.Subject} {one.Reason}").ShouldBe(["MigrationChecksumMismatch V3__was.sql merged late", "MigrationOutOfOrder V2__late.sql merged late"]);
        plan.Pending.Select(script => script.FileName).ShouldBe(["V2__late.sql"]);
        reporter.Warnings[^1].ShouldBe("V2__late.sql is older than 3, the newest version applied. Allowed: merged late");
    }

    [Theory]
    [InlineData("SELECT 1;\n-- deployops: allow SEQ001 reason=\"late\"\nSELECT 2")]
    [InlineData("-- deployops: allow SEQ001\nSELECT 2")]
    [InlineData("-- deployops: allow SEQ001 reason=\" \"\nSELECT 2")]
    [InlineData("-- deployops: allow RLB001 reason=\"late\"\nSELECT 2")]
    [InlineData("/* it */\n-- deployops: allow SEQ001 reason=\"late\"\nSELECT 2")]
    public void What_stands_elsewhere_or_gives_no_reason_allows_nothing(string sql)
    {
        var scripts = MigrationFolder.Parse([Script("V1__late.sql", sql), Script("V3__c.sql", "SELECT 3")]);

        MigrationPlanner.Plan(scripts, [Applied(scripts[1])]).Refusals.ShouldHaveSingleItem().ErrorId.ShouldBe("MigrationOutOfOrder");
    }

    [Fact]
    public void An_applied_version_without_its_file_is_refused()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql");

        var plan = MigrationPlanner.Plan([scripts[0]], [.. scripts.Select(Applied)]);

        plan.Refusals.ShouldHaveSingleItem().ErrorId.ShouldBe("MigrationMissing");
        plan.Refusals[0].Message.ShouldContain("Version 2 (b)");
        plan.Target.ShouldBe(plan.Current);
    }

    [Fact]
    public void Every_refusal_is_told_at_once()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql", "V3__c.sql");

        var plan = MigrationPlanner.Plan([scripts[0], scripts[1]], [Applied(scripts[0]) with { Checksum = "x" }, Applied(scripts[2])]);

        var error = Should.Throw<DeployOpsException>(plan.ThrowIfRefused);
        error.ErrorId.ShouldBe("MigrationChecksumMismatch");
        error.Message.ShouldContain("Version 3 (c)");
        error.Message.ShouldContain("V2__b.sql is older");
    }

    [Fact]
    public void What_was_begun_and_has_no_script_any_more_is_refused_and_what_has_one_goes_on()
    {
        var scripts = Scripts("V1__a.sql", "V2__b.sql");

        MigrationPlanner.Plan(scripts, [Applied(scripts[0])], [Begun("V2__b.sql", "2")]).Refusals.ShouldBeEmpty();
        var plan = MigrationPlanner.Plan([scripts[0]], [Applied(scripts[0])], [Begun("V2__b.sql", "2")]);

        plan.Refusals.ShouldHaveSingleItem().ToString().ShouldBe(
            "MigrationHalfApplied: V2__b.sql was begun on 2026-01-02 03:04Z by kim and did not end: 3 statements of it are in effect, and its script is not in the folder.");
    }

    [Fact]
    public void A_repeatable_script_that_was_begun_runs_again_and_is_refused_only_where_it_is_gone()
    {
        var scripts = Scripts("V1__a.sql", "R__totals.sql");
        var applied = Applied(scripts.Single(script => !script.IsRepeatable));

        MigrationPlanner.Plan(scripts, [applied], [Begun("R__totals.sql", "R__totals")]).Refusals.ShouldBeEmpty();
        MigrationPlanner.Plan([.. scripts.Where(script => !script.IsRepeatable)], [applied], [Begun("R__totals.sql", "R__totals")]).Refusals.ShouldHaveSingleItem().ErrorId.ShouldBe("MigrationHalfApplied");
    }

    [Fact]
    public void What_is_half_taken_back_is_not_built_upon()
    {
        var scripts = Scripts("V1__a.sql", "U1__a.sql", "V2__b.sql");

        var plan = MigrationPlanner.Plan(scripts, [Applied(scripts[0])], [Begun("U1__a.sql", "1", isUndo: true)]);

        plan.Refusals.ShouldHaveSingleItem().Message.ShouldContain("U1__a.sql was begun on 2026-01-02 03:04Z by kim and did not end: 3 statements of it are in effect, so that its version is half taken back.");
    }

    [Fact]
    public void A_probe_tells_from_the_history_whether_a_script_is_in_effect()
    {
        var scripts = Scripts("V1__a.sql", "U1__a.sql");
        var row = Applied(scripts[0]);

        MigrationProbe.InEffect(scripts[0], [row]).Verdict.ShouldBe(GateVerdict.Pass);
        MigrationProbe.InEffect(scripts[0], []).Verdict.ShouldBe(GateVerdict.Fail);
        MigrationProbe.InEffect(scripts[0], [row with { Checksum = "other" }]).Verdict.ShouldBe(GateVerdict.Unknown);
        MigrationProbe.InEffect(scripts[1], [row]).Verdict.ShouldBe(GateVerdict.Fail);
        MigrationProbe.InEffect(scripts[1], []).Verdict.ShouldBe(GateVerdict.Pass);
    }

    private static IReadOnlyList<MigrationScript> Scripts(params string[] names) =>
        MigrationFolder.Parse(names.Select(name => new SqlFile(name, Encoding.UTF8.GetBytes($"SELECT '{name}';"))));

    private static SqlFile Script(string name, string sql) => new(name, Encoding.UTF8.GetBytes(sql));

    private static BegunMigration Begun(string file, string version, bool isUndo = false) =>
        new(MigrationVersion.TryParse(version)!, file, isUndo, 3, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "kim");

    private static AppliedMigration Applied(MigrationScript script) =>
        new(script.Version, script.Description, script.Checksum, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "kim");
}

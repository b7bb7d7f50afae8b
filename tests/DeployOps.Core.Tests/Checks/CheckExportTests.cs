using System.Text;
using System.Xml.Linq;
using DeployOps.Checks;
using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Validations;
using DeployOps.Phases;
using DeployOps.Smoke;

namespace DeployOps.Core.Tests.Checks;

public sealed class CheckExportTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 3, 4, 5, TimeSpan.FromHours(2));

    private static readonly LintFinding Finding = new()
    {
        Rule = "DST001",
        Name = "drop-table",
        Severity = LintSeverity.Error,
        File = "V1__a.sql",
        Line = 3,
        Statement = "DROP TABLE orders",
        Why = "What it holds is lost.",
        Advice = "Keep it.",
    };

    private static readonly ValidationCheck Check = new()
    {
        Name = "orders",
        File = "orders.sql",
        Expected = "no rows",
        Actual = "2 rows",
        Verdict = GateVerdict.Fail,
        Duration = TimeSpan.FromMilliseconds(1500),
        SampleRows = ["id=1", "id=2"],
    };

    // What the common schema of JUnit's files (Jenkins' junit-10.xsd) knows of each element.
    private static readonly Dictionary<string, (string[] Attributes, string[] Children)> Schema = new(StringComparer.Ordinal)
    {
        ["testsuites"] = (["name", "tests", "failures", "errors", "time"], ["testsuite"]),
        ["testsuite"] = (["name", "tests", "failures", "errors", "skipped", "time", "timestamp"], ["testcase"]),
        ["testcase"] = (["classname", "name", "time"], ["failure", "error", "skipped", "system-out"]),
        ["failure"] = (["message", "type"], []),
        ["error"] = (["message", "type"], []),
        ["skipped"] = (["message"], []),
        ["system-out"] = ([], []),
    };

    [Fact]
    public void Findings_fail_warn_or_are_skipped_by_what_they_are()
    {
        var xml = JUnit(Finding, Finding with { Severity = LintSeverity.Warning, Rule = "INC001" }, Finding with { Allowed = true, Reason = "unused since 2.3" });

        xml.ToString().ReplaceLineEndings("\n").ShouldBe("""
            <testsuites name="DeployOps" tests="3" failures="1" errors="0" time="0.000">
              <testsuite name="lint" tests="3" failures="1" errors="0" time="0.000" skipped="1" timestamp="2026-11-27T01:04:05">
                <testcase classname="V1__a.sql" name="DST001 drop-table, line 3" time="0.000">
                  <failure message="What it holds is lost." type="lint">V1__a.sql:3: DST001 drop-table: What it holds is lost. Keep it.
            DROP TABLE orders</failure>
                </testcase>
                <testcase classname="V1__a.sql" name="INC001 drop-table, line 3" time="0.000">
                  <system-out>warning: What it holds is lost.
            V1__a.sql:3: INC001 drop-table: What it holds is lost. Keep it.
            DROP TABLE orders</system-out>
                </testcase>
                <testcase classname="V1__a.sql" name="DST001 drop-table, line 3" time="0.000">
                  <skipped message="allowed: unused since 2.3" />
                </testcase>
              </testsuite>
            </testsuites>
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Validations_of_a_migration_are_a_suite_a_database()
    {
        var passed = Check with { Name = "lines", Verdict = GateVerdict.Pass, When = ValidationMoments.Before };
        var cases = CheckCases.Of(new MigrationResult
        {
            Outcome = PhaseOutcome.Failed,
            Summary = "validations failed",
            Databases = [new DatabaseMigration { Database = "shop", From = "1", To = "2", Scripts = ["V2__a.sql"], Validations = [Check, passed, Check with { Verdict = GateVerdict.Unknown, Actual = "no answer in 30 s" }, Check with { Verdict = GateVerdict.Unknown, IsWarning = true }] }],
        });

        cases.Select(one => $"{one.Suite} | {one.Name} | {one.State} | {one.Message}").ShouldBe(
        [
            "migrations | shop: 1 -> 2, 1 scripts, 4 validations | Failed | validations failed",
            "validations of shop | orders | Failed | orders: expected no rows, got 2 rows (such as id=1; id=2)",
            "validations of shop | lines (before the migration) | Passed | ",
            "validations of shop | orders | Error | orders: expected no rows, could not be asked: no answer in 30 s",
            "validations of shop | orders | Passed | warning: orders.sql: orders: expected no rows, got 2 rows",
        ]);
        cases[1].Details.ShouldBe("expected no rows, got 2 rows\nid=1\nid=2");
        cases[1].Duration.TotalSeconds.ShouldBe(1.5);
    }

    [Theory]
    [InlineData(SmokeOutcome.Passed, CheckState.Passed)]
    [InlineData(SmokeOutcome.Failed, CheckState.Failed)]
    [InlineData(SmokeOutcome.Error, CheckState.Error)]
    [InlineData(SmokeOutcome.PreExisting, CheckState.Skipped)]
    [InlineData(SmokeOutcome.Planned, CheckState.Skipped)]
    public void Smoke_tests_say_how_they_ended(SmokeOutcome outcome, CheckState state)
    {
        var check = new SmokeCheck("checkout", "/smoke/checkout.hurl", outcome) { Line = 7, Message = "status 500, expected 200" };

        CheckCases.Of(check).ShouldHaveSingleItem().State.ShouldBe(state);
        CheckCases.Of(new SmokeResult { Outcome = PhaseOutcome.Failed, Summary = "", Checks = [check, check] }).Count.ShouldBe(2);
    }

    [Fact]
    public void What_was_only_planned_is_skipped()
    {
        var cases = CheckCases.Of(new MigrationResult { Outcome = PhaseOutcome.Planned, Summary = "", Databases = [new DatabaseMigration { Database = "shop", Validations = [Check with { Verdict = GateVerdict.Unknown, Actual = "not asked yet" }] }] });

        cases.ShouldAllBe(one => one.State == CheckState.Skipped);
    }

    [Fact]
    public void Hostile_text_is_encoded_and_control_characters_are_taken_out()
    {
        var hostile = "a\u0000\u0008\u001b[31m</failure><x a=\"b\">&amp;]]>\u202e\ud800\uffff\u0085 \t\r\nb 😀";
        var xml = JUnit(Finding with { File = hostile, Name = hostile, Why = hostile, Statement = hostile }, Check with { Name = hostile, Actual = hostile, Verdict = GateVerdict.Unknown });

        var failure = xml.Descendants("failure").ShouldHaveSingleItem();
        failure.Attribute("message")!.Value.ShouldBe("a[31m</failure><x a=\"b\">&amp;]]> b 😀");
        failure.Value.ShouldContain("a[31m</failure><x a=\"b\">&amp;]]> \t\nb 😀");
        Encoding.UTF8.GetString(Bytes(CheckFormat.JUnit, Finding with { Why = hostile })).ShouldNotContain("\u001b");

        var tap = Encoding.UTF8.GetString(Bytes(CheckFormat.Tap, Finding with { File = $"# TODO {hostile} \\", Why = hostile }));
        tap.Split('\n')[3].ShouldBe("not ok 1 - lint: \\# TODO a[31m</failure><x a=\"b\">&amp;]]> b 😀 \\\\: DST001 drop-table, line 3");
        tap.Split('\n')[5].ShouldBe("  message: \"a[31m</failure><x a=\\\"b\\\">&amp;]]> \\t\\nb 😀\"");
    }

    [Fact]
    public void Each_element_has_what_the_common_schema_knows_of_it()
    {
        var all = JUnit(Finding, Finding with { Severity = LintSeverity.Warning }, Finding with { Allowed = true, Reason = "x" }, Check with { Verdict = GateVerdict.Unknown });

        all.DescendantsAndSelf().Select(element => element.Name.LocalName).Distinct().Order(StringComparer.Ordinal).ShouldBe(Schema.Keys.Order(StringComparer.Ordinal));
        foreach (var element in all.DescendantsAndSelf())
        {
            var (attributes, children) = Schema[element.Name.LocalName];
            element.Attributes().Select(attribute => attribute.Name.LocalName).Order(StringComparer.Ordinal).ShouldBe(attributes.Order(StringComparer.Ordinal));
            element.Elements().Select(child => child.Name.LocalName).ShouldBeSubsetOf(children);
        }
    }

    [Fact]
    public void Tap_has_a_line_a_check_and_a_block_where_it_does_not_hold() =>
        Encoding.UTF8.GetString(Bytes(CheckFormat.Tap, Finding, Finding with { Severity = LintSeverity.Warning }, Finding with { Allowed = true, Reason = "unused" }, Check with { Verdict = GateVerdict.Pass })).ShouldBe("""
            TAP version 13
            # DeployOps
            1..4
            not ok 1 - lint: V1__a.sql: DST001 drop-table, line 3
              ---
              message: "What it holds is lost."
              severity: fail
              details: "V1__a.sql:3: DST001 drop-table: What it holds is lost. Keep it.\nDROP TABLE orders"
              duration_ms: 0
              ...
            ok 2 - lint: V1__a.sql: DST001 drop-table, line 3
            # warning: What it holds is lost.
            ok 3 - lint: V1__a.sql: DST001 drop-table, line 3 # SKIP allowed: unused
            ok 4 - validations: orders.sql: orders

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void No_check_at_all_is_a_file_that_says_so()
    {
        JUnit().ToString().ShouldBe("<testsuites name=\"DeployOps\" tests=\"0\" failures=\"0\" errors=\"0\" time=\"0.000\" />");
        Encoding.UTF8.GetString(Bytes(CheckFormat.Tap)).ShouldBe("TAP version 13\n# DeployOps\n1..0 # SKIP there are no checks\n");
    }

    [Fact]
    public void What_is_no_check_is_refused() => Should.Throw<DeployOpsException>(() => CheckCases.Of("text")).ErrorId.ShouldBe("CheckKindUnknown");

    private static XElement JUnit(params object[] values) => XElement.Load(new MemoryStream(Bytes(CheckFormat.JUnit, values)), LoadOptions.None);

    private static byte[] Bytes(CheckFormat format, params object[] values)
    {
        CheckCase[] cases = [.. values.SelectMany(CheckCases.Of)];
        return format == CheckFormat.JUnit ? JUnitPage.Render(cases, Now) : TapPage.Render(cases);
    }
}

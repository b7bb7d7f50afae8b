using System.Globalization;
using System.Xml.Linq;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Preparation;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Reports;

public sealed class ReportPageTests
{
    [Fact]
    public void A_completed_window_is_told_as_released_with_who_when_and_how_long()
    {
        var journal = SampleRelease.Completed();

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Released");
        page.Title.ShouldBe("shop 2.4.0 to production: Released");
        page.Fact("State").ShouldBe("Completed");
        page.Fact("Executor").ShouldBe("executor");
        page.Fact("Lead (approved)").ShouldBe("release-lead");
        page.Fact("Began").ShouldBe("2026-03-05 20:00:00 UTC");
        page.Fact("Took").ShouldBe("49 s of 2 h");
        page.Fact("Plan digest").ShouldBe(new string('d', 64));
    }

    [Fact]
    public void A_window_completed_over_a_failed_rollout_is_not_told_as_released()
    {
        var journal = new SampleJournal().Open().Prepare()
            .Begin(DeploymentPhase.Rollout).After(1)
            .End(new RolloutResult { Outcome = PhaseOutcome.Failed, Summary = "the edge refused" })
            .Complete(["Rollout ended Failed", "Smoke has not ended"], "mended by hand");

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Completed by deviation");
        page.Title.ShouldBe("shop 2.4.0 to production: Completed by deviation");
        page.Text.ShouldContain("The window was completed, and whether shop 2.4.0 is live in production was not proven: not every phase passed. Rollout ended Failed and Smoke has not ended. Completed all the same: mended by hand.");
        page.Text.ShouldNotContain("every phase passed;");
    }

    [Fact]
    public void The_summary_tells_migration_cut_over_tests_and_monitoring()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        page.Section("summary").ShouldContain("Database shop went from 2.3.0.1 to 2.4.0.2 with 2 scripts, all traffic moved from 2.3.0 to 2.4.0 at 20:00:21 UTC, 2 of 3 smoke tests passed and monitoring said Healthy after 20 looks in 20 s.");
        page.Section("summary").ShouldContain("1 deviation from the plan and 1 issue were recorded.");
    }

    [Fact]
    public void The_timeline_shows_the_plan_the_phases_and_the_cut_over()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        page.Section("timeline").ShouldContain("The window was planned from 20:00:00 to 22:00:00. Cut-over at 20:00:21.");
        page.Section("timeline").ShouldContain("cut-over 20:00:21");
        page.Row("timeline", "3 Rollout").ShouldBe(["20:00:15", "20:00:24", "9.3 s", "Succeeded", "2.3.0 -> 2.4.0 on 1 instances; blue-1: 0 requests in flight after 0.4 s"]);
        page.Html.Descendants("span").Count(span => (string?)span.Attribute("class") == "bar good").ShouldBe(7);
    }

    [Fact]
    public void Each_phase_shows_its_evidence()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        page.Row("migration", "no order without a status").ShouldBe(["no rows", "no rows", "Pass", "12 ms", "validations/orders.sql", ""]);
        page.Row("migration", "shop: V2_4_0_1__add_orders_status.sql")[4].ShouldBe("V2_4_0_1__add_orders_status.sql applied");
        page.Row("rollout", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1").ShouldBe(["20:00:20", "20:00:21", "1.1 s", "Done", "5 of 5 answers through the edge are 2.4.0"]);
        page.Row("rollout", "green-1").ShouldBe(["did not run", "0"]);
        page.Row("smoke", "search")[..2].ShouldBe(["Failed", "Failed before too"]);
        page.Row("monitoring", "5xx ratio").ShouldBe(["0.12 % of 27,000 in 10 s", "5 %", "0.21 %", "Pass", "0.16 % of 2,250, at most 5 %"]);
        page.Row("monitoring", "version of green-1").ShouldBe(["Pass", "green-1 serves 2.4.0"]);
        page.Row("preparation", "shop")[1..4].ShouldBe(["4.2 MiB", "2", "12,880"]);
    }

    [Fact]
    public void Every_metric_with_two_looks_has_a_line_with_baseline_and_a_near_limit()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        var charts = page.Html.Descendants("figure").Where(figure => (string?)figure.Attribute("class") == "metric").ToDictionary(figure => figure.Descendants("b").Single().Value, StringComparer.Ordinal);
        charts.Keys.ShouldBe(["5xx ratio", "p95 latency", "checkouts"]);
        Paths(charts["p95 latency"]).ShouldBe(["axis", "limit", "baseline", "cutover", "line"]);
        Paths(charts["5xx ratio"]).ShouldNotContain("limit");
        charts["5xx ratio"].Value.ShouldContain("the limit 5 % lies far above the picture");
    }

    [Fact]
    public void A_look_without_a_value_is_a_gap_in_the_line()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        Line(page, "checkouts").Count(letter => letter == 'M').ShouldBe(2);
        Line(page, "p95 latency").Count(letter => letter == 'M').ShouldBe(1);
    }

    [Fact]
    public void One_look_is_shown_without_a_line()
    {
        var journal = new SampleJournal().Open().Prepare().Watch(1, HealthVerdict.Inconclusive);

        var page = ReadPage.Of(journal);

        page.Row("monitoring", "5xx ratio")[3].ShouldBe("Pass");
        page.Html.Descendants("svg").ShouldBeEmpty();
    }

    [Fact]
    public void Every_deviation_and_every_issue_appears_with_its_words()
    {
        var journal = SampleRelease.Completed();
        journal.Write(JournalKind.Deviation, "one more hour was granted (against WindowEnded: The window ended at 22:00.)", DeploymentPhase.Completion, "WindowEnded");
        journal.Note("observer", "The dashboard was slow.", null);

        var page = ReadPage.Of(journal);

        page.Row("issues", "ApprovalExpired")[2].ShouldBe("the change board agreed by phone (against ApprovalExpired: The approval expired at 19:00.)");
        page.Row("issues", "WindowEnded")[2].ShouldBe("one more hour was granted (against WindowEnded: The window ended at 22:00.)");
        page.Row("issues", "The edge logged two slow connects while weights changed.").ShouldBe(["20:00:21", "Rollout", "observer", "Known from 2.3.0; gone after 10 s."]);
        page.Row("issues", "The dashboard was slow.")[3].ShouldBe("No resolution noted");
    }

    [Fact]
    public void What_only_warns_is_listed_also_where_the_release_succeeded()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        page.Row("issues", "Smoke test search")[1].ShouldBe("It fails, and failed already on the old version: jsonpath $.count is 11, expected 12");
        page.Row("issues", "Validation stock by shelf")[1].ShouldContain("3 rows");
    }

    [Fact]
    public void A_rolled_back_window_says_why_how_fast_and_how_long_users_met_the_release()
    {
        var page = ReadPage.Of(SampleRelease.RolledBack());

        page.Verdict.ShouldBe("Rolled back");
        page.Section("summary").ShouldContain("It went back because: Smoke failed: 1 of 3 failed: checkout: status is 500, expected 200.");
        page.Section("summary").ShouldContain("Users were on 2.4.0 for 6.5 s.");
        page.Section("timeline").ShouldContain("traffic back 20:00:28");
        page.Section("rollback").ShouldContain("0.9 s after the decision");
        page.Row("rollback", "Undo: green-1: stopped -> 2.4.0")[3].ShouldBe("Taken back");
        page.Row("rollback", "smoke checkout")[1].ShouldBe("Pass");
        page.Row("smoke", "checkout")[..2].ShouldBe(["Passed", "Failed"]);
        page.Row("timeline", "5 Monitoring")[3].ShouldBe("Not reached");
    }

    [Fact]
    public void A_phase_that_went_back_ends_where_the_way_back_began()
    {
        var page = ReadPage.Of(SampleRelease.RolledBack());

        var end = page.Row("timeline", "4 Smoke")[1];
        page.Row("timeline", "Rollback")[0].ShouldBe(end);
        page.Row("timeline", "4 Smoke")[3].ShouldBe("Rolled back");
    }

    [Fact]
    public void A_rollback_that_failed_asks_for_a_person()
    {
        var journal = new SampleJournal().Open().Prepare().RollOut().Begin(DeploymentPhase.Rollback, "Going back: a person asked").After(2);
        journal.End(new RollbackResult { Outcome = PhaseOutcome.RollbackFailed, Summary = "Going back failed: the router does not answer.", Reason = "a person asked", To = "2.3.0" });

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Rollback failed");
        page.Html.Descendants("header").Single().Value.ShouldContain("A person is needed");
        page.Section("summary").ShouldContain("Users may have been on 2.4.0 since 20:00:19 UTC.");
    }

    [Fact]
    public void Going_back_before_any_change_says_that_nothing_had_been_changed()
    {
        var journal = new SampleJournal().Open().Prepare().Begin(DeploymentPhase.Rollback).End(Back());

        ReadPage.Of(journal).Verdict.ShouldBe("Ended without change");
    }

    [Fact]
    public void A_migration_that_was_kept_is_a_change()
    {
        var journal = new SampleJournal().Open().Prepare().Migrate().Begin(DeploymentPhase.Rollback).End(Back());

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Rolled back");
        page.Section("summary").ShouldContain("No user was ever sent to 2.4.0.");
        page.Section("monitoring").ShouldContain("The watch made no look; only the baseline was measured.");
    }

    [Fact]
    public void A_window_that_failed_early_shows_the_failure_and_no_empty_sections()
    {
        var journal = new SampleJournal().Open().Begin(DeploymentPhase.Preparation).After(1);
        journal.Gate(DeploymentPhase.Preparation, GateResult.Fail("edge", "0 of 3 answers were 200"))
            .End(new PreparationResult { Outcome = PhaseOutcome.Failed, Summary = "edge is not well: 0 of 3 answers were 200." });

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Preparation failed");
        page.Sections.ShouldBe(["summary", "timeline", "issues", "preparation", "log"]);
        page.Section("summary").ShouldContain("Preparation: edge is not well: 0 of 3 answers were 200.");
        page.Section("issues").ShouldContain("No issue and no deviation was recorded.");
        page.Row("issues", "Fail: edge")[1].ShouldBe("0 of 3 answers were 200");
        page.Row("timeline", "2 Migration")[3].ShouldBe("Not yet");
    }

    [Fact]
    public void A_window_whose_phase_is_under_way_says_so()
    {
        var journal = new SampleJournal().Open().Prepare().Migrate().Begin(DeploymentPhase.Rollout)
            .Intent(DeploymentPhase.Rollout, "deploy/green-1", "green-1: stopped -> 2.4.0").After(3);

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Rollout in progress");
        page.Row("timeline", "3 Rollout")[..4].ShouldBe(["20:00:15", "–", "–", "Under way"]);
        page.Row("rollout", "green-1: stopped -> 2.4.0")[3..].ShouldBe(["Not known", "Nobody saw how it ended."]);
        page.Section("summary").ShouldContain("until this report, 19 s of a window of 2 h had passed.");
    }

    [Fact]
    public void A_window_that_only_opened_can_be_told()
    {
        var page = ReadPage.Of(new SampleJournal().Open());

        page.Sections.ShouldBe(["summary", "timeline", "issues", "log"]);
        page.Row("timeline", "1 Preparation")[3].ShouldBe("Not yet");
    }

    [Fact]
    public void A_phase_that_was_killed_and_begun_again_shows_both_runs()
    {
        var journal = new SampleJournal().Open().Prepare().Begin(DeploymentPhase.Migration).After(4).Migrate();

        var page = ReadPage.Of(journal);

        page.Row("timeline", "2 Migration (run 1 of 2)")[3].ShouldBe("No end recorded");
        page.Row("timeline", "2 Migration (run 2 of 2)")[3].ShouldBe("Succeeded");
        page.Section("issues").ShouldContain("Migration was begun again");
    }

    [Fact]
    public void A_step_found_in_effect_after_a_crash_closes_its_first_intent()
    {
        var journal = new SampleJournal().Open().Begin(DeploymentPhase.Rollout)
            .Intent(DeploymentPhase.Rollout, TrafficStep.Key, "traffic: old -> new").After(60)
            .Begin(DeploymentPhase.Rollout)
            .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, "weights are green-1 100");

        var page = ReadPage.Of(journal);

        page.Row("rollout", "traffic: old -> new").ShouldBe(["20:00:00", "20:01:00", "1 min", "Done", "weights are green-1 100"]);
    }

    [Fact]
    public void A_stopped_window_names_who_stepped_in()
    {
        var journal = new SampleJournal().Open().Prepare().After(30);
        journal.Write(JournalKind.StopRequested, "observer stopped the window: the phone rang", detail: JournalJson.ToNode(new StopRequest("observer", "the phone rang", GoBack: false)));

        var page = ReadPage.Of(journal);

        page.Verdict.ShouldBe("Stopped");
        page.Row("issues", "A person stepped in")[1].ShouldBe("observer stopped the window: the phone rang");
    }

    [Fact]
    public void A_detail_of_another_shape_is_named_and_the_rest_is_told()
    {
        var journal = new SampleJournal().Open().Prepare();
        journal.Write(JournalKind.CheckIn, "Look 1", DeploymentPhase.Monitoring, detail: "a text where numbers were expected");

        var page = ReadPage.Of(journal);

        page.Row("issues", "Not readable")[1].ShouldContain($"Record {journal.Records.Count} (CheckIn)");
        page.Row("preparation", "shop")[1].ShouldBe("4.2 MiB");
    }

    [Fact]
    public void The_log_is_complete_and_its_head_can_be_verified()
    {
        var journal = SampleRelease.Completed();

        var page = ReadPage.Of(journal);

        var rows = page.Html.Descendants("details").Single(details => (string?)details.Attribute("class") == "log").Descendants("tbody").Single().Elements("tr").ToList();
        rows.Select(row => row.Elements().Last().Value).ShouldBe(journal.Records.Select(record => record.Message));
        page.Section("log").ShouldContain(journal.Records[^1].Hash);
        page.Section("log").ShouldContain($"{journal.Records.Count} records");
        page.Section("log").ShouldContain("Get-DeploymentWindow shop-2.4.0-1 | Test-DeploymentLog");
    }

    [Fact]
    public void The_page_loads_nothing_and_runs_nothing()
    {
        var page = ReadPage.Of(SampleRelease.Completed());

        page.Html.Descendants("meta").ShouldContain(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy" && (string?)meta.Attribute("content") == "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
        page.Html.Attribute("lang")!.Value.ShouldBe("en");
        page.Html.Descendants("script").ShouldBeEmpty();
        page.Html.Descendants("a").ShouldAllBe(link => link.Attribute("href")!.Value.StartsWith('#'));
        page.Html.Descendants("table").ShouldAllBe(table => table.Elements("caption").Count() == 1);
        page.Text.ShouldNotContain("://");
    }

    [Fact]
    public void Every_link_of_the_contents_leads_to_a_heading()
    {
        var page = ReadPage.Of(SampleRelease.RolledBack());

        var headings = page.Html.Descendants("h2").Select(heading => $"#{heading.Attribute("id")!.Value}");
        page.Html.Descendants("nav").Single().Elements("a").Select(link => link.Attribute("href")!.Value).ShouldBe(headings);
    }

    [Theory]
    [InlineData("fi-FI")]
    [InlineData("ar-SA")]
    [InlineData("de-DE")]
    public void The_page_is_the_same_in_every_culture(string culture)
    {
        var expected = SampleRelease.Completed().Render();
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);

            var page = SampleRelease.Completed().Render();

            page.ShouldBe(expected);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Times_of_a_window_over_midnight_carry_their_date()
    {
        var journal = new SampleJournal().Open().Prepare().After(5 * 3600).Migrate();

        var page = ReadPage.Of(journal);

        page.Row("timeline", "2 Migration")[0].ShouldBe("2026-03-06 01:00:12");
    }

    [Fact]
    public void A_very_long_message_is_cut_in_tables_and_whole_in_the_log()
    {
        var line = new string('x', 20_000);
        var journal = new SampleJournal().Open().Begin(DeploymentPhase.Rollout)
            .Intent(DeploymentPhase.Rollout, "deploy/green-1", "green-1: stopped -> 2.4.0")
            .Outcome(DeploymentPhase.Rollout, "deploy/green-1", line, StepState.Failed);

        var page = ReadPage.Of(journal);

        page.Row("rollout", "green-1: stopped -> 2.4.0")[4].ShouldBe($"{new string('x', 600)}… (19,400 more characters)");
        page.Section("log").ShouldContain(line);
    }

    [Fact]
    public void A_way_back_that_failed_and_was_begun_again_is_counted_from_its_first_decision_with_the_reasons_of_both()
    {
        var journal = new SampleJournal().Open().Prepare().RollOut().After(60)
            .Begin(DeploymentPhase.Rollback, "Going back: users complain").After(1)
            .Intent(DeploymentPhase.Rollout, TrafficStep.Key, "Undo: traffic", StepState.UndoIntended).After(30)
            .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, "the edge does not answer", StepState.UndoFailed)
            .End(new RollbackResult { Outcome = PhaseOutcome.RollbackFailed, Summary = "Going back failed: the edge does not answer.", Reason = "users complain", To = "2.3.0" }).After(300)
            .Begin(DeploymentPhase.Rollback, "Going back: the edge is mended")
            .Intent(DeploymentPhase.Rollout, TrafficStep.Key, "Undo: traffic", StepState.UndoIntended).After(2)
            .Outcome(DeploymentPhase.Rollout, TrafficStep.Key, "5 of 5 answers through the edge are 2.3.0", StepState.Undone)
            .Intent(DeploymentPhase.Rollback, ClosedTrafficStep.Key, "traffic: stopped while databases are restored").After(4)
            .Outcome(DeploymentPhase.Rollback, ClosedTrafficStep.Key, "every weight is 0")
            .Intent(DeploymentPhase.Rollback, ClosedTrafficStep.Key, "Undo: traffic: stopped while databases are restored", StepState.UndoIntended).After(1)
            .Outcome(DeploymentPhase.Rollback, ClosedTrafficStep.Key, "5 of 5 answers through the edge are 2.3.0", StepState.Undone)
            .End(new RollbackResult { Outcome = PhaseOutcome.RolledBack, Summary = "Production is back on 2.3.0; database: Restore.", Reason = "the edge is mended", To = "2.3.0", TrafficBackAfter = TimeSpan.FromSeconds(2), Database = DatabaseRollback.Restore });

        var page = ReadPage.Of(journal);

        page.Section("summary").ShouldContain("It went back because: users complain. That was begun again because: the edge is mended. Attempt 1 of 2 ended as 'Rollback failed': Going back failed: the edge does not answer. "
            + "Production is back on 2.3.0; database: Restore. Going back took 5 min 38 s from the first decision; all traffic was back 5 min 33 s after it. Nobody was served for 5 s while databases were restored. "
            + "Users were on 2.4.0 for 6 min 36 s.");
        page.Fact("Why").ShouldBe("users complain");
        page.Fact("Why again").ShouldBe("the edge is mended");
        page.Fact("Attempts").ShouldBe("2");
        page.Fact("Came to").ShouldBe("Rolled back");
        page.Fact("All traffic back").ShouldBe("5 min 33 s after the first decision");
        page.Fact("Nobody served").ShouldBe("5 s");
    }

    [Fact]
    public void An_attempt_to_go_back_that_nobody_saw_end_is_told_with_its_reason()
    {
        var journal = new SampleJournal().Open().Prepare().RollOut().Begin(DeploymentPhase.Rollback, "Going back: users complain").After(10)
            .Begin(DeploymentPhase.Rollback, "Going back: users complain").After(1)
            .End(Back() with { Reason = "users complain" });

        var page = ReadPage.Of(journal);

        page.Section("summary").ShouldContain("It went back because: users complain. Attempt 1 of 2 was not seen to end. Production is as it was. Going back took 11 s from the first decision.");
    }

    private static RollbackResult Back() => new() { Outcome = PhaseOutcome.RolledBack, Summary = "Production is as it was.", Reason = "a person asked", To = "2.3.0" };

    private static List<string> Paths(XElement figure) => [.. figure.Descendants("path").Select(path => path.Attribute("class")!.Value)];

    private static string Line(ReadPage page, string metric) => page.Html.Descendants("figure")
        .Single(figure => figure.Descendants("b").Any(name => name.Value == metric))
        .Descendants("path").Single(path => (string?)path.Attribute("class") == "line").Attribute("d")!.Value;
}

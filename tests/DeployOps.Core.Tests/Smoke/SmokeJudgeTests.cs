using DeployOps.Gates;

namespace DeployOps.Smoke;

public sealed class SmokeJudgeTests
{
    [Theory]
    [InlineData(SmokeOutcome.Failed, 5, SmokeOutcome.Failed, 5, SmokeOutcome.PreExisting)]
    [InlineData(SmokeOutcome.Failed, 9, SmokeOutcome.Failed, 5, SmokeOutcome.Failed)]
    [InlineData(SmokeOutcome.Failed, 4, SmokeOutcome.Failed, 5, SmokeOutcome.Failed)]
    [InlineData(SmokeOutcome.Error, 5, SmokeOutcome.Error, 5, SmokeOutcome.PreExisting)]
    [InlineData(SmokeOutcome.Error, 5, SmokeOutcome.Failed, 5, SmokeOutcome.Error)]
    [InlineData(SmokeOutcome.Failed, 5, SmokeOutcome.Error, 5, SmokeOutcome.Failed)]
    [InlineData(SmokeOutcome.Failed, 5, SmokeOutcome.Passed, 0, SmokeOutcome.Failed)]
    [InlineData(SmokeOutcome.Passed, 0, SmokeOutcome.Failed, 5, SmokeOutcome.Passed)]
    public void A_failure_is_old_only_where_it_was_the_same_before(SmokeOutcome now, int line, SmokeOutcome before, int lineBefore, SmokeOutcome expected)
    {
        var current = Check("a", now) with { Line = line };
        var baseline = Check("a", before) with { Line = lineBefore };

        var compared = SmokeJudge.Compare([current], [baseline]);

        compared.Single().Outcome.ShouldBe(expected);
    }

    [Fact]
    public void A_check_the_old_version_did_not_have_is_judged_alone() =>
        SmokeJudge.Compare([Check("a", SmokeOutcome.Failed)], [Check("b", SmokeOutcome.Failed)]).Single().Outcome.ShouldBe(SmokeOutcome.Failed);

    [Fact]
    public void Another_answer_at_the_same_line_is_no_old_failure()
    {
        // A page that is new with the release is not found before it; afterwards it breaks.
        var now = Check("a", SmokeOutcome.Failed) with { Line = 3, Message = "status: actual 500, expected 200" };
        var before = Check("a", SmokeOutcome.Failed) with { Line = 3, Message = "status: actual 404, expected 200 (and 1 more)" };

        SmokeJudge.Compare([now], [before]).Single().Outcome.ShouldBe(SmokeOutcome.Failed);
        SmokeJudge.Compare([now with { Message = "status: actual 404, expected 200" }], [before]).Single().Outcome.ShouldBe(SmokeOutcome.PreExisting);
    }

    [Fact]
    public void What_is_measured_need_not_be_the_same_twice()
    {
        var now = Check("a", SmokeOutcome.Failed) with { Line = 3, Message = "duration < 500: actual 640" };
        var before = Check("a", SmokeOutcome.Failed) with { Line = 3, Message = "duration < 500: actual 612" };

        SmokeJudge.Compare([now], [before]).Single().Outcome.ShouldBe(SmokeOutcome.PreExisting);
    }

    [Fact]
    public void An_old_failure_tells_both_messages()
    {
        var now = Check("a", SmokeOutcome.Error) with { Line = 3, Message = "now" };
        var before = Check("a", SmokeOutcome.Error) with { Line = 3, Message = "before" };

        SmokeJudge.Compare([now], [before]).Single().ToString().ShouldBe("PreExisting: a (smoke/a.hurl:3): now (on the old version already, at line 3: before)");
    }

    [Theory]
    [InlineData("", GateVerdict.Unknown, "no smoke tests ran: there are none")]
    [InlineData("Passed Passed", GateVerdict.Pass, "2 smoke tests: 2 passed")]
    [InlineData("Passed PreExisting", GateVerdict.Pass, "2 smoke tests: 1 passed, 1 failed already on the old version")]
    [InlineData("PreExisting", GateVerdict.Unknown, "1 smoke tests: 1 failed already on the old version")]
    [InlineData("Planned Planned", GateVerdict.Unknown, "2 smoke tests: 2 planned")]
    [InlineData("Passed Failed", GateVerdict.Fail, "2 smoke tests: 1 passed, 1 failed; first smoke/1.hurl:0 ")]
    [InlineData("Passed Error", GateVerdict.Fail, "2 smoke tests: 1 passed, 1 could not run; first smoke/1.hurl:0 ")]
    [InlineData("Error Error", GateVerdict.Fail, "none of the 2 smoke tests could run: the target cannot be reached from here (smoke/0.hurl:0 )")]
    public void A_suite_says_what_its_checks_say_together(string outcomes, GateVerdict verdict, string summary)
    {
        var checks = outcomes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((outcome, index) => Check($"{index}", Enum.Parse<SmokeOutcome>(outcome))).ToList();

        var suite = SmokeJudge.Judge(checks);

        suite.Verdict.ShouldBe(verdict);
        suite.Summary.ShouldBe(summary);
        suite.ToString().ShouldBe($"{verdict}: {summary}");
    }

    private static SmokeCheck Check(string name, SmokeOutcome outcome) => new(name, $"smoke/{name}.hurl", outcome);
}

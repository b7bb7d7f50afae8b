using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.Validations;

public sealed class ValidationExpectationTests
{
    [Theory]
    [InlineData("no rows", 0, null, GateVerdict.Pass)]
    [InlineData("no rows", 1, "7", GateVerdict.Fail)]
    [InlineData("rows 3", 3, "x", GateVerdict.Pass)]
    [InlineData("ROWS 3", 2, "x", GateVerdict.Fail)]
    [InlineData("rows >= 3", 4, "x", GateVerdict.Pass)]
    [InlineData("42", 1, "42", GateVerdict.Pass)]
    [InlineData("42", 1, "42.0", GateVerdict.Pass)]
    [InlineData("42", 1, "41", GateVerdict.Fail)]
    [InlineData("42", 1, null, GateVerdict.Fail)]
    [InlineData("0", 0, null, GateVerdict.Fail)]
    [InlineData("42", 2, "42", GateVerdict.Fail)]
    [InlineData("42", 1, "many", GateVerdict.Fail)]
    [InlineData("== -1.5", 1, "-1.5", GateVerdict.Pass)]
    [InlineData("!= 0", 1, "1E3", GateVerdict.Pass)]
    [InlineData("!= 0", 1, "0", GateVerdict.Fail)]
    [InlineData("!= 0", 1, "word", GateVerdict.Fail)]
    [InlineData("< 10", 1, "10", GateVerdict.Fail)]
    [InlineData("<= 10", 1, "10", GateVerdict.Pass)]
    [InlineData("> 10", 1, "10", GateVerdict.Fail)]
    [InlineData(">= 1000", 1, "1000", GateVerdict.Pass)]
    [InlineData(">= 1000", 1, "999", GateVerdict.Fail)]
    [InlineData("true", 1, "1", GateVerdict.Pass)]
    [InlineData("true", 1, "True", GateVerdict.Pass)]
    [InlineData("true", 1, "0", GateVerdict.Fail)]
    [InlineData("false", 1, "0", GateVerdict.Pass)]
    [InlineData("false", 1, "2", GateVerdict.Fail)]
    [InlineData("runs", 5, "x", GateVerdict.Pass)]
    public void An_answer_is_judged(string expectation, int rows, string? scalar, GateVerdict verdict)
    {
        var parsed = ValidationExpectation.TryParse(expectation).ShouldNotBeNull();

        parsed.Judge(new QueryAnswer(rows, scalar, [])).Verdict.ShouldBe(verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rows")]
    [InlineData("= 3")]
    [InlineData("=> 3")]
    [InlineData("3 rows")]
    [InlineData("1,000")]
    [InlineData("99999999999999999999999999999999999")]
    public void What_is_no_expectation_is_none(string text) => ValidationExpectation.TryParse(text).ShouldBeNull();

    [Theory]
    [InlineData(0, GateVerdict.Pass)]
    [InlineData(1, GateVerdict.Unknown)]
    public void Rows_of_which_nothing_was_said_are_never_a_pass(int rows, GateVerdict verdict) =>
        ValidationExpectation.Unstated.Judge(new QueryAnswer(rows, null, [])).Verdict.ShouldBe(verdict);
}

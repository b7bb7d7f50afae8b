using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.Validations;

public sealed class ValidationExpectationTests
{
    [Theory]
    [InlineData("same as before", 1, "100", 1, "100", GateVerdict.Pass, "100, 100 before")]
    [InlineData("same as before", 1, "100.0", 1, "100", GateVerdict.Pass, "100.0, 100 before")]
    [InlineData("same as before", 1, "101", 1, "100", GateVerdict.Fail, "101, 100 before")]
    [InlineData("same as before ±1%", 1, "101", 1, "100", GateVerdict.Pass, "101, 100 before")]
    [InlineData("Same as  before ± 0.5 %", 1, "99.4", 1, "100", GateVerdict.Fail, "99.4, 100 before")]
    [InlineData("same as before +-1%", 1, "-99", 1, "-100", GateVerdict.Pass, "-99, -100 before")]
    [InlineData("same as before +/-1%", 1, "1", 1, "0", GateVerdict.Fail, "1, 0 before")]
    [InlineData("same as before", 3, "a", 3, "a", GateVerdict.Pass, "3 rows, the same before")]
    [InlineData("same as before", 3, "a", 3, "b", GateVerdict.Fail, "3 rows, others before")]
    [InlineData("same as before ±5%", 3, "a", 3, "b", GateVerdict.Pass, "3 rows, 3 rows before")]
    [InlineData("same as before", 1, "7", 2, "7", GateVerdict.Fail, "1 row, 2 rows before")]
    [InlineData("same as before ±50%", 1, "7", 2, "7", GateVerdict.Pass, "1 row, 2 rows before")]
    [InlineData("same as before", 1, "EUR", 1, "EUR", GateVerdict.Pass, "EUR, the same before")]
    [InlineData("same as before ±50%", 1, "EUR", 1, "USD", GateVerdict.Fail, "EUR, another value before")]
    [InlineData("same as before", 1, null, 1, null, GateVerdict.Pass, "NULL, the same before")]
    [InlineData("same as before", 1, null, 1, "0", GateVerdict.Fail, "NULL, 0 before")]
    [InlineData("same as before", 1, "EUR", 1, null, GateVerdict.Fail, "EUR, another value before")]
    public void An_answer_is_compared_with_the_one_before(string expectation, int rows, string? scalar, int rowsBefore, string? scalarBefore, GateVerdict verdict, string told)
    {
        var parsed = ValidationExpectation.TryParse(expectation).ShouldNotBeNull();

        var judged = parsed.Judge(Answer(rows, scalar), ValidationBaseline.Of(Answer(rowsBefore, scalarBefore)));

        (judged.Verdict, judged.Actual).ShouldBe((verdict, told));
    }

    [Fact]
    public void Every_column_of_every_row_is_compared_in_whatever_order_they_come()
    {
        var parsed = ValidationExpectation.TryParse("same as before")!;
        var before = ValidationBaseline.Of(Read(["new", "3"], ["paid", "4.50"], ["new", "3"]));

        parsed.Judge(Read(["paid", "4.5"], ["new", "3"], ["new", "3"]), before).ShouldBe(new ValidationJudgement(GateVerdict.Pass, "3 rows, the same before"));
        parsed.Judge(Read(["paid", "4.5"], ["paid", "4.5"], ["new", "3"]), before).ShouldBe(new ValidationJudgement(GateVerdict.Fail, "3 rows, others before"));
        parsed.Judge(Read(["new", "3"]), ValidationBaseline.Of(Read(["new", "4"]))).ShouldBe(new ValidationJudgement(GateVerdict.Fail, "1 row of 2 columns, others before"));
        parsed.Judge(Read(["a", null]), ValidationBaseline.Of(Read([null, "a"]))).Verdict.ShouldBe(GateVerdict.Fail);
        parsed.Judge(Read(["new", "3"], ["paid", "4"]), ValidationBaseline.Of(Read(["new"], ["paid"]))).ShouldBe(new ValidationJudgement(GateVerdict.Fail, "2 rows of 2 columns, of 1 before"));
        parsed.Judge(Read(["01234", "3"], ["1e3", "4"]), ValidationBaseline.Of(Read(["1234", "3"], ["1000", "4"]))).Verdict.ShouldBe(GateVerdict.Fail, "texts are texts");
    }

    [Fact]
    public void A_margin_is_none_of_several_values()
    {
        ValidationExpectation.TryParse("same as before ±1%")!.Judge(Read(["3", "4"]), ValidationBaseline.Of(Read(["3", "4"]))).ShouldBe(
            new ValidationJudgement(GateVerdict.Fail, "a margin is one number's, and it answers 1 row of 2 columns"));
    }

    [Fact]
    public void Without_an_answer_before_nothing_can_be_said() =>
        ValidationExpectation.TryParse("same as before")!.Judge(new QueryAnswer(1, "7", [])).ShouldBe(new ValidationJudgement(GateVerdict.Unknown, "7, and it was not asked before the migration"));

    [Theory]
    [InlineData("same as before ±")]
    [InlineData("same as before 1%")]
    [InlineData("same as before ±-1%")]
    [InlineData("same as after")]
    public void What_is_no_comparison_is_none(string text) => ValidationExpectation.TryParse(text).ShouldBeNull();

    [Fact]
    public void A_value_that_is_no_number_is_kept_by_its_hash_alone() =>
        ValidationBaseline.Of(new QueryAnswer(1, "kim@example.org", [])).ToString().ShouldNotContain("kim");

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

    private static QueryAnswer Answer(int rows, string? scalar) => Read([.. Enumerable.Repeat((string?[])[scalar], rows)]);

    private static QueryAnswer Read(params string?[][] rows)
    {
        var reading = new AnswerReading([.. rows.DefaultIfEmpty([""]).First().Select((_, column) => $"c{column}")], 5, text => text);
        foreach (var row in rows)
        {
            reading.Add(row, column => column == 1);
        }

        return reading.Answer();
    }
}

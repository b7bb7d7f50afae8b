using System.Text;
using DeployOps.Gates;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.Validations;

public sealed class ExpectedTableTests
{
    private const string Orders = "id,note\n1,first\n2,\n3,\"\"\n";
    private static readonly string?[][] Same = [["1", "first"], ["2", null], ["3", ""]];

    [Fact]
    public void A_file_has_its_columns_in_the_first_line_and_tells_no_value_from_an_empty_one()
    {
        var table = Parse("id,note\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,\r\n3,\"\"\r\n,x\n");

        table.Columns.ShouldBe(["id", "note"]);
        table.Rows.ShouldBe([["1", "a, \"b\"\nc"], ["2", null], ["3", ""], [null, "x"]]);
    }

    [Theory]
    [InlineData("", "orders.csv:1: the first line has to name each column.")]
    [InlineData("id,\n1,2\n", "orders.csv:1: the first line has to name each column.")]
    [InlineData("id,note\n1,\"a\nb\"\n2\n", "orders.csv:4: 1 fields, and 2 columns.")]
    [InlineData("id,note\n1,2,3\n", "orders.csv:2: 3 fields, and 2 columns.")]
    [InlineData("id\na\"b\n", "orders.csv:2: a quote within a field that does not begin with one.")]
    [InlineData("id\n\"a\"b\n", "orders.csv:2: something stands between a closing quote and the next comma.")]
    [InlineData("id\n1\n\"a\n", "orders.csv:3: a quote that is never closed.")]
    public void A_file_that_is_no_table_is_refused_with_its_line(string text, string words)
    {
        var error = Should.Throw<DeployOpsException>(() => Parse(text));

        error.ErrorId.ShouldBe("ValidationFileInvalid");
        error.Message.ShouldStartWith(words);
    }

    [Fact]
    public async Task The_same_rows_pass()
    {
        var check = await AskAsync(Orders, Same);

        check.Verdict.ShouldBe(GateVerdict.Pass);
        check.ToString().ShouldBe("Pass: orders: expected table orders.csv, got the 3 rows of orders.csv");
        check.SampleRows.ShouldBeEmpty();
        check.IsWarning.ShouldBeFalse();
    }

    [Fact]
    public async Task Rows_that_differ_are_shown_with_what_was_expected()
    {
        var check = await AskAsync(Orders, [["1", "other"], ["2", ""], ["3", ""], ["4", "NULL"]]);

        check.Verdict.ShouldBe(GateVerdict.Fail);
        check.Actual.ShouldBe("4 rows, 3 other than in orders.csv");
        check.SampleRows.ShouldBe(["row 1: note=other, expected first", "row 2: note=\"\", expected NULL", "row 4 is not expected: id=4, note=\"NULL\""]);
    }

    [Fact]
    public async Task The_order_counts() =>
        (await AskAsync("id\n1\n2\n", [["2"], ["1"]])).SampleRows.ShouldBe(["row 1: id=2, expected 1", "row 2: id=1, expected 2"]);

    [Fact]
    public async Task Rows_that_are_missing_are_shown_too() =>
        (await AskAsync(Orders, [])).ToString().ShouldBe("Fail: orders: expected table orders.csv, got 0 rows, 3 other than in orders.csv");

    [Fact]
    public async Task Of_many_rows_too_many_all_are_counted_and_some_shown()
    {
        var check = await AskAsync("id\n", [.. Enumerable.Range(0, 100).Select(id => new[] { $"{id}" })]);

        check.Actual.ShouldBe("100 rows, 100 other than in orders.csv");
        check.SampleRows.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Other_columns_are_another_table() =>
        (await AskAsync("note,id\n", Same)).Actual.ShouldBe("the columns id, note, expected note, id");

    [Fact]
    public async Task Long_values_are_compared_whole_and_shown_without_secrets()
    {
        var (one, other) = (new string('x', 300) + "1 hunter2", new string('x', 300) + "2");
        var check = await AskAsync($"id\nhunter2\n{one}\n", [["hunter2, id=NULL"], [other]], columns: ["id"]);

        check.SampleRows.ShouldBe(["row 1: id=***, id=NULL, expected ***", $"row 2: id={new string('x', 200)}…, expected {new string('x', 200)}…"]);
    }

    [Theory]
    [InlineData("-- expect: table orders.csv", null)]
    [InlineData("-- expect: TABLE expected/orders.csv", null)]
    [InlineData("-- expect: table other.csv", "a.sql:1: 'other.csv' does not lie beside the script.")]
    [InlineData("-- expect: table ../orders.csv", "a.sql:1: '../orders.csv' lies outside of the folder of the script.")]
    [InlineData("-- expect: table /orders.csv", "a.sql:1: '/orders.csv' lies outside of the folder of the script.")]
    [InlineData("-- expect: table orders.txt", "a.sql:2: unknown expectation 'table orders.txt': ")]
    public void A_query_names_a_file_beside_it(string header, string? words)
    {
        ReadOnlyMemory<byte>? Beside(string name) => name is "orders.csv" or "expected/orders.csv" ? Encoding.UTF8.GetBytes(Orders) : default(ReadOnlyMemory<byte>?);
        IReadOnlyList<ValidationQuery> Read() => ValidationFile.Parse(new SqlFile("a.sql", Encoding.UTF8.GetBytes($"-- verify: orders\n{header}\nSELECT id, note FROM orders ORDER BY id")), SqlDialect.Sqlite, Beside);

        (words is null ? Read()[0].Table!.Rows.Count : 0).ShouldBe(words is null ? 3 : 0);
        if (words is not null)
        {
            Should.Throw<DeployOpsException>(() => { Read(); }).Message.ShouldStartWith(words);
        }
    }

    private static ExpectedTable Parse(string text) => ExpectedTable.Parse("orders.csv", Encoding.UTF8.GetBytes(text));

    private static async Task<ValidationCheck> AskAsync(string table, string?[][] rows, string[]? columns = null)
    {
        var query = new ValidationQuery("orders", "orders.sql", 1, "SELECT", ValidationExpectation.TryParse("table orders.csv")!) { Table = Parse(table) };
        var target = new Rows(columns ?? (rows.Length > 0 && rows[0].Length == 1 ? ["id"] : ["id", "note"]), rows);
        return (await new ValidationRunner(target, new SilentReporter(), TimeProvider.System) { Redact = text => text.Replace("hunter2", "***", StringComparison.Ordinal) }.RunAsync([query], default)).ShouldHaveSingleItem();
    }

    // As every target shows rows: redacted first, then cut.
    private sealed class Rows(string[] columns, string?[][] rows) : IValidationTarget
    {
        public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken) => Task.FromResult(new QueryAnswer(
            rows.Length,
            rows.FirstOrDefault()?[0],
            [.. rows.Take(sampleRows).Select(row => string.Join(", ", columns.Zip(row, (name, value) => $"{name}={(value is null ? "NULL" : Cut(redact(value)))}")))]));

        private static string Cut(string value) => value.Length > 200 ? value[..200] + "…" : value;
    }
}

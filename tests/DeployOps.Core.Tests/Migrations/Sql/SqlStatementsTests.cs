using CsCheck;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Sql;

public sealed class SqlStatementsTests
{
    [Fact]
    public void Statements_have_their_text_and_line()
    {
        var statements = SqlStatements.Read("SELECT 1; ;\n\n-- two\nSELECT\n 2 ;SELECT ';' -- end").ToList();

        statements.Select(statement => statement.Text).ShouldBe(["SELECT 1", "SELECT\n 2", "SELECT ';'"]);
        statements.Select(statement => statement.Line).ShouldBe([1, 4, 5]);
    }

    [Fact]
    public void Any_text_is_cut_without_losing_a_character_but_white_space()
    {
        string[] pieces = [";", "'", "\"", "`", "[", "]", "--", "/*", "*/", "\n", " ", "BEGIN", "END", "CREATE", "TRIGGER", "x", "1", "ß", "-", "/"];
        Gen.Int[0, pieces.Length - 1]
            .Array[0, 30]
            .Select(chosen => string.Concat(chosen.Select(i => pieces[i])))
            .Sample(sql =>
            {
                var tokens = SqlLexer.Read(sql).ToList();

                var rest = sql;
                foreach (var token in Enumerable.Reverse(tokens))
                {
                    sql.Substring(token.Offset, token.Text.Length).ShouldBe(token.Text);
                    token.Line.ShouldBe(1 + sql[..token.Offset].Count(c => c == '\n'));
                    rest = rest.Remove(token.Offset, token.Text.Length);
                }

                rest.ShouldBeNullOrWhiteSpace();
                _ = SqlStatements.Read(sql).ToList();
            });
    }
}

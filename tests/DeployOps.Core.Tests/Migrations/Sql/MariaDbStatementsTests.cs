using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Sql;

public sealed class MariaDbStatementsTests
{
    [Theory]
    [InlineData(@"SELECT 'a\';b', ""c\"";d""; SELECT 2", @"SELECT 'a\';b', ""c\"";d""", "SELECT 2")]
    [InlineData("SELECT 'a'';b'; SELECT 2", "SELECT 'a'';b'", "SELECT 2")]
    [InlineData("SELECT `a;``b\\`; SELECT 2", "SELECT `a;``b\\`", "SELECT 2")]
    [InlineData("# a;\nSELECT 1 # b;\n; SELECT 2", "SELECT 1", "SELECT 2")]
    [InlineData("SELECT 5--1; SELECT 2 -- c;\n", "SELECT 5--1", "SELECT 2")]
    [InlineData("--\nSELECT 1", "SELECT 1")]
    [InlineData("SELECT 1 /* ; /* ; */ ; SELECT 2", "SELECT 1", "SELECT 2")]
    [InlineData("/*!40101 SET NAMES utf8mb4 */; SELECT 2*/*c;*/3; /* */;", "/*!40101 SET NAMES utf8mb4 */", "SELECT 2*/*c;*/3")]
    [InlineData("CREATE TABLE t (a int /*M!100301 INVISIBLE */); SELECT 2", "CREATE TABLE t (a int /*M!100301 INVISIBLE */)", "SELECT 2")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT ';//'; END//\ndelimiter ;\nSELECT 2;", "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT ';//'; END", "SELECT 2")]
    [InlineData("DELIMITER $$\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END$$\nDELIMITER ;\nSELECT 2", "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END", "SELECT 2")]
    [InlineData("DELIMITER ;;\n/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END */;;\nDELIMITER ;\n", "/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END */")]
    [InlineData("DELIMITER //\nCREATE PACKAGE BODY p AS FUNCTION f() RETURN int AS BEGIN RETURN 1; END; END//", "CREATE PACKAGE BODY p AS FUNCTION f() RETURN int AS BEGIN RETURN 1; END; END")]
    [InlineData("SELECT delimiter FROM t; SELECT 2", "SELECT delimiter FROM t", "SELECT 2")]
    [InlineData("SELECT $1$; SELECT $a$;$a$", "SELECT $1$", "SELECT $a$", "$a$")]
    public void A_script_is_cut_as_the_client_would_read_it(string script, params string[] statements) =>
        Read(script).Select(statement => statement.Text).ShouldBe(statements);

    [Fact]
    public void What_an_executable_comment_holds_are_pieces_of_its_statement() =>
        Read("/*!50003 DROP TABLE t */").Single().Begins("DROP", "TABLE").ShouldBeTrue();

    [Fact]
    public void Lines_go_on_behind_a_delimiter_line() =>
        Read("DELIMITER //\nBEGIN NOT ATOMIC SELECT 1;\nSELECT 2; END//\nDELIMITER ;\n# deployops: allow X reason=\"y\"\nSELECT 3").Select(statement => (statement.Line, statement.Directives.Count)).ShouldBe([(2, 0), (6, 1)]);

    [Theory]
    [InlineData("SELECT 1\\G", "SqlMetaCommand", "Line 1: \\G is a command of the mariadb client")]
    [InlineData("SELECT 1;\nDELIMITER\nSELECT 2", "SqlDelimiterInvalid", "Line 2: DELIMITER needs")]
    [InlineData("DELIMITER \\", "SqlDelimiterInvalid", "Line 1: DELIMITER needs")]
    [InlineData("DELIMITER //\nSELECT 1;\nUSE shop //", "SqlStatementsBundled", "Line 3: another statement begins before the delimiter //")]
    [InlineData("DELIMITER //\nBEGIN; DELETE FROM orders; COMMIT //", "SqlStatementsBundled", "Line 2: another statement")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() SELECT 1; DROP TABLE orders //", "SqlStatementsBundled", "Line 2: another statement")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END; DROP TABLE orders //", "SqlStatementsBundled", "Line 2: another statement")]
    [InlineData("DELIMITER //\nINSERT INTO a VALUES (1); -- and\nALTER TABLE b ADD c int //", "SqlStatementsBundled", "Line 3: another statement")]
    [InlineData("\nSELECT 'a\\'", "SqlTextUnterminated", "Line 2: a string begins here")]
    [InlineData("SELECT `a", "SqlTextUnterminated", "Line 1: a quoted identifier begins here")]
    [InlineData("SELECT 1;\n/* a", "SqlTextUnterminated", "Line 2: a comment begins here")]
    public void What_cannot_be_cut_is_refused_with_its_line(string script, string id, string words)
    {
        var error = Should.Throw<SqlScriptException>(() => Read(script));

        error.ErrorId.ShouldBe(id);
        error.Message.ShouldStartWith(words);
    }

    private static List<SqlStatement> Read(string script) => [.. SqlStatements.Read(script, SqlDialect.MariaDb)];
}

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

    // The server reads so: in the first mode a backslash is a letter, in the other double quotes hold a name.
    [Theory]
    [InlineData(@"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\'; SELECT 'b'", @"SELECT 'a\'", "SELECT 'b'")]
    [InlineData(@"SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'); SELECT 'a\'; SELECT 'b'", @"SELECT 'a\'", "SELECT 'b'")]
    [InlineData(@"SET @@session.sql_mode := no_backslash_escapes; SELECT 'a\'; SELECT 'b'", @"SELECT 'a\'", "SELECT 'b'")]
    [InlineData(@"SET sql_mode = 'ANSI_QUOTES'; SELECT ""a\"", 'b\';'; SELECT 1", @"SELECT ""a\"", 'b\';'", "SELECT 1")]
    [InlineData(@"SET sql_mode = 'ORACLE'; SELECT ""a\""; SELECT 1", @"SELECT ""a\""", "SELECT 1")]
    [InlineData(@"/*!40101 SET @old = @@sql_mode, sql_mode = 'NO_BACKSLASH_ESCAPES' */; SELECT 'a\'; SET sql_mode = @old; SELECT 'b\';'", @"SELECT 'a\'", "SET sql_mode = @old", @"SELECT 'b\';'")]
    [InlineData(@"SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'; SET sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''); SELECT 'b\';', ""a\""", @"SET sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')", @"SELECT 'b\';', ""a\""")]
    [InlineData(@"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SET sql_mode = ''; SELECT 'b\';'", "SET sql_mode = ''", @"SELECT 'b\';'")]
    [InlineData(@"SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'b\';'", @"SELECT 'b\';'")]
    [InlineData(@"SET STATEMENT sql_mode = 'NO_BACKSLASH_ESCAPES' FOR SELECT 1; SELECT 'b\';'", @"SELECT 'b\';'")]
    [InlineData(@"SELECT 1 FROM t WHERE sql_mode; SELECT 'b\';'", @"SELECT 'b\';'")]
    public void A_mode_that_the_script_sets_counts_from_there_on(string script, params string[] statements) => Read(script).Skip(1).Select(statement => statement.Text).ShouldBe(statements);

    [Fact]
    public void The_pieces_of_a_statement_are_those_of_its_mode()
    {
        var statement = Read(@"SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'; SELECT ""a"", 'b\'")[1];

        statement.Tokens.Select(token => token.Kind).ShouldBe([SqlTokenKind.Word, SqlTokenKind.QuotedName, SqlTokenKind.Symbol, SqlTokenKind.Text]);
    }

    [Theory]
    [InlineData("SELECT 1;\nSET sql_mode = @unknown", "Line 2: what sql_mode is set to here is not known before it runs, and NO_BACKSLASH_ESCAPES or ANSI_QUOTES in it would end the texts after it elsewhere.")]
    [InlineData("SET sql_mode = (SELECT mode FROM modes)", "Line 1: what sql_mode")]
    [InlineData("SET sql_mode = 1048576", "Line 1: what sql_mode")]
    [InlineData("SET sql_mode = IF(1, 'ANSI_QUOTES', '')", "Line 1: what sql_mode")]
    public void A_mode_that_is_not_known_is_refused(string script, string words)
    {
        var error = Should.Throw<SqlScriptException>(() => Read(script));

        error.ErrorId.ShouldBe("SqlModeUnknown");
        error.Message.ShouldStartWith(words);
    }

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

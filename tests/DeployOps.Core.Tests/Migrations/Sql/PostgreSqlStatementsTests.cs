using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Sql;

public sealed class PostgreSqlStatementsTests
{
    [Theory]
    [InlineData("SELECT 'a;''b'; SELECT 2", "SELECT 'a;''b'", "SELECT 2")]
    [InlineData(@"SELECT 'a\'; SELECT 2", @"SELECT 'a\'", "SELECT 2")]
    [InlineData(@"SELECT E'a\';b'; SELECT 2", @"SELECT E'a\';b'", "SELECT 2")]
    [InlineData("SELECT E'a'\n  'b\\';c'; SELECT 2", "SELECT E'a'\n  'b\\';c'", "SELECT 2")]
    [InlineData("SELECT E'a' -- it's;\n  -- and\n 'it\\'s; x'; SELECT 2", "SELECT E'a' -- it's;\n  -- and\n 'it\\'s; x'", "SELECT 2")]
    [InlineData("SELECT E'a' -- note 'b\\'\n; SELECT 2", "SELECT E'a'", "SELECT 2")]
    [InlineData("SELECT E'a' - -1; SELECT 2", "SELECT E'a' - -1", "SELECT 2")]
    [InlineData("SET standard_conforming_strings = on; SELECT 2", "SET standard_conforming_strings = on", "SELECT 2")]
    [InlineData("SELECT set_config('standard_conforming_strings', 'on', false); SELECT 2", "SELECT set_config('standard_conforming_strings', 'on', false)", "SELECT 2")]
    [InlineData("SELECT 'off', set_config('standard_conforming_strings', 'on', false); SELECT 2", "SELECT 'off', set_config('standard_conforming_strings', 'on', false)", "SELECT 2")]
    [InlineData("SELECT 'standard_conforming_strings', set_config('search_path', 'off', false); SELECT 2", "SELECT 'standard_conforming_strings', set_config('search_path', 'off', false)", "SELECT 2")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET standard_conforming_strings = off AS 'SELECT 1'; SELECT 2", "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET standard_conforming_strings = off AS 'SELECT 1'", "SELECT 2")]
    [InlineData(@"SELECT E'a' '\'; SELECT 2", @"SELECT E'a' '\'", "SELECT 2")]
    [InlineData(@"SELECT U&'d\0061;', U&""d\0061;""; SELECT 2", @"SELECT U&'d\0061;', U&""d\0061;""", "SELECT 2")]
    [InlineData("SELECT 1 AS \"a;\"\"b\"; SELECT 2", "SELECT 1 AS \"a;\"\"b\"", "SELECT 2")]
    [InlineData("SELECT '$2y$13$abc;def'; SELECT 2", "SELECT '$2y$13$abc;def'", "SELECT 2")]
    [InlineData("SELECT x$y$z; SELECT a$y$z", "SELECT x$y$z", "SELECT a$y$z")]
    [InlineData("DO $$ BEGIN PERFORM 1; END $$; SELECT 2", "DO $$ BEGIN PERFORM 1; END $$", "SELECT 2")]
    [InlineData("DO $body$ SELECT $$;$$; $ody$; $body$; SELECT $1", "DO $body$ SELECT $$;$$; $ody$; $body$", "SELECT $1")]
    [InlineData("SELECT /* a; /* b; */ c; */ 1; SELECT 2", "SELECT /* a; /* b; */ c; */ 1", "SELECT 2")]
    [InlineData("-- a;\nSELECT 1 -- b;\n; SELECT 2", "SELECT 1", "SELECT 2")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b); SELECT 2", "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)", "SELECT 2")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 2; END; SELECT 2", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 2; END", "SELECT 2")]
    [InlineData("create or replace procedure p() begin atomic select t.end, (case when true then 1 end) from t; end; SELECT 2", "create or replace procedure p() begin atomic select t.end, (case when true then 1 end) from t; end", "SELECT 2")]
    [InlineData("BEGIN; SELECT CASE WHEN true THEN 1 END; END", "BEGIN", "SELECT CASE WHEN true THEN 1 END", "END")]
    [InlineData("COPY t TO STDOUT; COPY (SELECT 1 FROM stdin) TO STDOUT", "COPY t TO STDOUT", "COPY (SELECT 1 FROM stdin) TO STDOUT")]
    [InlineData(";;\n ; ")]
    public void A_script_is_cut_as_the_server_would_read_it(string script, params string[] statements) =>
        Read(script).Select(statement => statement.Text).ShouldBe(statements);

    [Fact]
    public void A_statement_knows_its_line_its_place_and_what_its_author_said_before_it()
    {
        var script = "-- deployops: transaction=none\n\nSELECT 1;\n-- a remark\n--deployops: allow DST001 reason=\"why\"\nDROP\n TABLE t;";

        var statements = Read(script);

        statements.Select(statement => statement.Line).ShouldBe([3, 6]);
        statements.ShouldAllBe(statement => script.Substring((int)statement.Offset, statement.Text.Length) == statement.Text);
        statements[0].Directives.ShouldBe([new SqlDirective("transaction=none", 1)]);
        statements[1].Directives.ShouldBe([new SqlDirective("allow DST001 reason=\"why\"", 5)]);
        statements[1].Tokens.Select(token => (token.Text, token.Line)).ShouldBe([("DROP", 6), ("TABLE", 7), ("t", 7)]);
        statements[1].Begins("drop", "table").ShouldBeTrue();
        statements[1].Begins("DROP", "INDEX").ShouldBeFalse();
    }

    [Fact]
    public void Data_of_a_copy_is_handed_on_with_its_statement()
    {
        const string Script = "COPY t (a, b) FROM STDIN WITH (FORMAT text); -- rows\n1\tit's; $$\n\n\\N\t\\\\.\r\n\\.\nSELECT 2;";
        using var reader = new StringReader(Script);
        var seen = new List<string>();

        foreach (var statement in SqlStatements.Read(reader, SqlDialect.PostgreSql))
        {
            seen.Add($"{statement.Line} {statement.Text}");
            seen.AddRange(statement.CopyLines ?? []);
        }

        seen.ShouldBe(["1 COPY t (a, b) FROM STDIN WITH (FORMAT text)", "1\tit's; $$", "", "\\N\t\\\\.", "6 SELECT 2"]);
    }

    [Fact]
    public void Data_that_nobody_reads_is_no_statement() =>
        Read("COPY t FROM STDIN;\n1; SELECT 3\n\\.\nSELECT 2").Select(statement => statement.Line).ShouldBe([1, 4]);

    [Theory]
    [InlineData("SELECT 1;\n\\set name 'value'", "SqlMetaCommand", "Line 2: \\set is a command of psql, not SQL, and cannot stand in a migration. Remove it and write the value where it is used.")]
    [InlineData("\\i other.sql", "SqlMetaCommand", "Line 1: \\i is a command of psql")]
    [InlineData("\\connect shop", "SqlMetaCommand", "Line 1: \\connect is a command of psql")]
    [InlineData("SELECT 1 \\gset", "SqlMetaCommand", "Line 1: \\gset is a command of psql")]
    [InlineData("SELECT 1;\n\\.", "SqlMetaCommand", "Line 2: \\. is a command of psql")]
    [InlineData("SELECT 1;\nSELECT 'a\n;", "SqlTextUnterminated", "Line 2: a string begins here and does not end. Close it.")]
    [InlineData("SELECT \n\"a", "SqlTextUnterminated", "Line 2: a quoted identifier begins here")]
    [InlineData("\n/* /* */ SELECT 1", "SqlTextUnterminated", "Line 2: a comment begins here")]
    [InlineData("DO $a$ x $b$;", "SqlTextUnterminated", "Line 1: a dollar-quoted string begins here")]
    [InlineData("SELECT E'a\\'", "SqlTextUnterminated", "Line 1: a string begins here")]
    [InlineData("SELECT 1;\nSET standard_conforming_strings = off;", "SqlStringsNotStandard", "Line 2: standard_conforming_strings is turned off here")]
    [InlineData("SET LOCAL standard_conforming_strings TO 'off'", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SET SESSION standard_conforming_strings = DEFAULT", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("RESET standard_conforming_strings", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false)", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SELECT set_config('standard_conforming_strings', 'off', false), 'on'", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SELECT 1;\nSELECT 'on', a.x, pg_catalog.\"set_config\"('standard_conforming_strings', 'off', false) FROM a", "SqlStringsNotStandard", "Line 2: ")]
    [InlineData("WITH a AS (SELECT set_config('standard_conforming_strings', 'off', false)) SELECT 'on' FROM a", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("INSERT INTO t SELECT 'on', SET_CONFIG(E'standard_conforming_strings', 'on' || 'x', false)", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("VALUES (set_config(setting_name => 'standard_conforming_strings', new_value => 'off', is_local => false), 'on')", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'standard_conforming_strings'", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("DO $a$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); END $a$", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("DO $$ BEGIN SET standard_conforming_strings = off; END $$", "SqlStringsNotStandard", "Line 1: ")]
    [InlineData("SELECT 1;\nCOPY t FROM STDIN;\n1\n2", "SqlCopyDataUnterminated", "Line 2: the data of this COPY")]
    [InlineData("COPY t FROM STDIN", "SqlCopyDataUnterminated", "Line 1: the data of this COPY")]
    [InlineData("COPY t FROM STDIN; SELECT 1;\n\\.", "SqlCopyDataMisplaced", "Line 1: something stands on the line")]
    public void What_cannot_be_cut_is_refused_with_its_line(string script, string id, string words)
    {
        var error = Should.Throw<SqlScriptException>(() => Read(script));

        error.ErrorId.ShouldBe(id);
        error.Message.ShouldStartWith(words);
        error.In("V1__a.sql").Message.ShouldStartWith($"V1__a.sql:{error.Line}: ");
    }

    private static List<SqlStatement> Read(string script) => [.. SqlStatements.Read(script, SqlDialect.PostgreSql)];
}

using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations;

public sealed class MigrationLintTests
{
    [Theory]
    [InlineData("BEGIN; CREATE TABLE a (x); COMMIT;", 1)]
    [InlineData("CREATE TABLE a (x);\ncommit", 2)]
    [InlineData("CREATE TABLE a (x);\n/* done\n */ END TRANSACTION;", 3)]
    [InlineData("SELECT 1;\n\nROLLBACK;", 3)]
    [InlineData("PRAGMA journal_mode = WAL;", 1)]
    [InlineData("PRAGMA main . journal_mode;", 1)]
    [InlineData("-- first\nATTACH DATABASE 'x' AS y;", 2)]
    [InlineData("DETACH y;", 1)]
    [InlineData("SELECT 1;\n-- deployops: repeat-until-zero chunk=5\nDELETE FROM a;", 3)]
    [InlineData("VACUUM INTO 'copy';", 1)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;\nCOMMIT;", 2)]
    [InlineData("CREATE TABLE a (x TEXT DEFAULT 'it''s;');\nVACUUM;", 2)]
    public void What_leaves_the_transaction_is_refused_with_its_line(string sql, int line)
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationLint.Check(Script(sql)));

        error.ErrorId.ShouldBe("MigrationScriptUnsupported");
        error.Message.ShouldStartWith($"V1__a.sql:{line}: ");
    }

    [Theory]
    [InlineData("INSERT INTO log VALUES ('; COMMIT;');")]
    [InlineData("-- COMMIT;\n/* ; ROLLBACK; */ SELECT 1;")]
    [InlineData("CREATE TABLE \"a; COMMIT;\" ([b; END;] TEXT, `c; VACUUM;` TEXT);")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN x > 1 THEN 2 ELSE 3 END; INSERT INTO b VALUES (1); END;")]
    [InlineData("CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END; SELECT 1")]
    [InlineData("create trigger if not exists t after insert on a\nbegin\n  select 1; -- END;\n  select ';END;';\nend;")]
    [InlineData("SAVEPOINT s; ROLLBACK TO s; RELEASE s;")]
    [InlineData("SELECT CASE x WHEN 1 THEN 2 END; SELECT 1 AS [end];")]
    [InlineData("PRAGMA user_version = 3;")]
    [InlineData("")]
    public void What_only_looks_like_it_is_not(string sql) => Should.NotThrow(() => MigrationLint.Check(Script(sql)));

    private static MigrationScript Script(string sql) => MigrationFolder.Parse([new SqlFile("V1__a.sql", Encoding.UTF8.GetBytes(sql))]).Single();
}

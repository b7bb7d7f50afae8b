using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Core.Tests.Migrations.Transactions;

public sealed class MigrationTransactionsTests
{
    [Theory]
    [InlineData("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a)")]
    [InlineData("SET lock_timeout = '2s'; SAVEPOINT s; ROLLBACK TO s; ANALYZE t")]
    [InlineData("REINDEX TABLE t; CLUSTER t USING i; DISCARD TEMP; ALTER DATABASE d SET work_mem = '1MB'")]
    [InlineData("ALTER SUBSCRIPTION s SET PUBLICATION p WITH (copy_data = false, refresh = false); ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh = 'off'); ALTER SUBSCRIPTION s ENABLE; ALTER SUBSCRIPTION s SET (binary = true)")]
    [InlineData("ALTER TYPE mood ADD VALUE 'glad'")]
    [InlineData("CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'glad'; INSERT INTO t VALUES ('glad')")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; CREATE FUNCTION g() RETURNS void AS $$ BEGIN COMMIT; END $$ LANGUAGE plpgsql")]
    [InlineData("CREATE INDEX concurrently_made ON t (a)")]
    [InlineData("")]
    public void What_could_be_undone_is_one_transaction(string sql) => Find(sql).ShouldBe(MigrationTransaction.Tx);

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a); CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS j ON t (b)")]
    [InlineData("SET lock_timeout = 0; CREATE INDEX CONCURRENTLY i ON t (a); RESET lock_timeout; ANALYZE t")]
    [InlineData("DROP INDEX CONCURRENTLY i")]
    [InlineData("REINDEX TABLE CONCURRENTLY t; REINDEX (VERBOSE, CONCURRENTLY) INDEX i")]
    [InlineData("REINDEX (VERBOSE) DATABASE shop")]
    [InlineData("REINDEX SYSTEM shop; REINDEX SCHEMA s")]
    [InlineData("ALTER TABLE t DETACH PARTITION p CONCURRENTLY")]
    [InlineData("VACUUM (FULL) t")]
    [InlineData("ALTER SUBSCRIPTION s REFRESH PUBLICATION; ALTER SUBSCRIPTION s SET PUBLICATION p, q; ALTER SUBSCRIPTION \"S\" ADD PUBLICATION p WITH (copy_data = false); ALTER SUBSCRIPTION s DROP PUBLICATION p WITH (refresh)")]
    [InlineData("CREATE DATABASE d; DROP DATABASE e; CREATE TABLESPACE a LOCATION '/a'; DROP TABLESPACE b; CREATE SUBSCRIPTION c CONNECTION '' PUBLICATION p; DROP SUBSCRIPTION f")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'; DISCARD ALL; CLUSTER; CLUSTER VERBOSE; ALTER DATABASE d SET TABLESPACE t")]
    [InlineData("CALL backfill(1)")]
    [InlineData("SET work_mem = '1MB';\n-- deployops: repeat-until-zero chunk=5000\nUPDATE t SET a = 1 WHERE a IS NULL;\n-- deployops: repeat-until-zero chunk=10\nDELETE FROM t WHERE a = 2")]
    [InlineData("BEGIN; INSERT INTO t VALUES (1); COMMIT; START TRANSACTION; DELETE FROM t WHERE a = 1; END")]
    [InlineData("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad'; UPDATE t SET m = 'glad' WHERE m = 'sad'")]
    public void What_the_server_refuses_within_one_is_none(string sql) => Find(sql).ShouldBe(MigrationTransaction.NoTx);

    [Theory]
    [InlineData("CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a)", 2, 1)]
    [InlineData("VACUUM t;\n\nINSERT INTO t VALUES (1)", 1, 3)]
    [InlineData("ALTER TABLE t ADD a int;\n-- deployops: repeat-until-zero chunk=5000\nUPDATE t SET a = 1 WHERE a IS NULL", 3, 1)]
    [InlineData("BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2", 1, 4)]
    [InlineData("ALTER TYPE mood ADD VALUE 'glad';\nUPDATE t SET m = 'glad';\nDROP TABLE u", 1, 3)]
    [InlineData("ALTER TYPE mood ADD VALUE 'glad';\nCREATE INDEX CONCURRENTLY i ON t (a)", 2, 1)]
    public void Both_among_each_other_are_refused_with_both_lines_and_two_ways_out(string sql, int alone, int other)
    {
        var error = Should.Throw<DeployOpsException>(() => Find(sql));

        error.ErrorId.ShouldBe("MigrationTransactionMixed");
        error.Message.ShouldStartWith($"V1__a.sql:{alone}: ");
        error.Message.ShouldContain($"in line {other} ");
        error.NextStep.ShouldBe("Split the script in two, or begin it with '-- deployops: transaction=none' where each statement may be applied for itself.");
    }

    [Theory]
    [InlineData("-- deployops: transaction=none\nCREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a)", MigrationTransaction.NoTx)]
    [InlineData("-- deployops: transaction = none\n-- why\nSELECT 1", MigrationTransaction.NoTx)]
    [InlineData("-- deployops: transaction=script\nCALL only_reads()", MigrationTransaction.Tx)]
    public void A_header_decides_by_itself(string sql, MigrationTransaction expected) => Find(sql).ShouldBe(expected);

    [Theory]
    [InlineData("-- deployops: transaction=maybe\nSELECT 1", "V1__a.sql:1: '-- deployops: transaction' says 'maybe'.")]
    [InlineData("SELECT 1;\n-- deployops: transaction=none\nSELECT 1", "V1__a.sql:2: '-- deployops: transaction' stands behind the first statement.")]
    [InlineData("-- deployops: transaction=script\nSELECT 1;\nCOMMIT;", "V1__a.sql:1: '-- deployops: transaction' says 'script', and COMMIT in line 3 would begin or end a transaction of its own within that one.")]
    [InlineData("-- deployops: transaction=script\nBEGIN;\nSELECT 1;\nCOMMIT;", "V1__a.sql:1: '-- deployops: transaction' says 'script', and BEGIN in line 2 would begin or end a transaction of its own within that one.")]
    public void A_header_that_says_nothing_or_what_cannot_be_is_refused(string sql, string words)
    {
        var error = Should.Throw<DeployOpsException>(() => Find(sql));

        error.ErrorId.ShouldBe("MigrationHeaderInvalid");
        error.Fact.ShouldBe(words);
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1); UPDATE t SET a = 2", MigrationTransaction.Tx)]
    [InlineData("CREATE TEMPORARY TABLE t (a int); INSERT INTO t VALUES (1); DROP TEMPORARY TABLE t", MigrationTransaction.Tx)]
    [InlineData("INSERT INTO t VALUES (1); ALTER TABLE t ADD b int", MigrationTransaction.NoTx)]
    [InlineData("TRUNCATE t", MigrationTransaction.NoTx)]
    [InlineData("CALL fill()", MigrationTransaction.NoTx)]
    [InlineData("EXECUTE IMMEDIATE 'CREATE TABLE t (a int)'", MigrationTransaction.NoTx)]
    [InlineData("SET STATEMENT max_statement_time = 1 FOR ALTER TABLE t ADD b int", MigrationTransaction.NoTx)]
    [InlineData("SET @a = 1; UPDATE t SET a = @a", MigrationTransaction.Tx)]
    [InlineData("DELIMITER //\nBEGIN NOT ATOMIC INSERT INTO t VALUES (1); COMMIT; END //", MigrationTransaction.NoTx)]
    [InlineData("-- deployops: transaction=script\nUPDATE t SET a = 1", MigrationTransaction.Tx)]
    [InlineData("-- deployops: repeat-until-zero chunk=10\nUPDATE t SET a = 1 WHERE a = 0 LIMIT 10", MigrationTransaction.NoTx)]
    public void Ddl_of_MariaDb_commits_by_itself(string sql, MigrationTransaction expected) =>
        MigrationTransactions.Find("V1__a.sql", SqlStatements.Read(sql, SqlDialect.MariaDb)).ShouldBe(expected);

    [Fact]
    public void What_commits_by_itself_in_MariaDb_is_in_no_transaction_of_the_script()
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationTransactions.Find("V1__a.sql", SqlStatements.Read("-- deployops: transaction=script\nUPDATE t SET a = 1;\nALTER TABLE t ADD b int", SqlDialect.MariaDb)));

        error.ErrorId.ShouldBe("MigrationTransactionMixed");
        error.Fact.ShouldBe("V1__a.sql:3: ALTER TABLE t ADD commits by itself in MariaDB, and the script says transaction=script.");
    }

    [Theory]
    [InlineData("SELECT 1;\n\\i b.sql", SqlDialect.PostgreSql, "SqlMetaCommand", "V1__a.sql:2: ")]
    [InlineData("VACUUM;\nSELECT 1", SqlDialect.PostgreSql, "MigrationTransactionMixed", "V1__a.sql:1: ")]
    [InlineData("SELECT 'a", SqlDialect.MariaDb, "SqlTextUnterminated", "V1__a.sql:1: ")]
    [InlineData("SELECT 1;\nVACUUM", SqlDialect.Sqlite, "MigrationScriptUnsupported", "V1__a.sql:2: ")]
    public void A_script_is_checked_by_its_dialect(string sql, SqlDialect dialect, string id, string words)
    {
        var script = MigrationFolder.Parse([new SqlFile("V1__a.sql", Encoding.UTF8.GetBytes(sql))]).Single();

        var error = Should.Throw<DeployOpsException>(() => MigrationLint.Check(script, dialect));

        error.ErrorId.ShouldBe(id);
        error.Message.ShouldStartWith(words);
    }

    [Theory]
    [InlineData("postgresql", SqlDialect.PostgreSql)]
    [InlineData("Sqlite", SqlDialect.Sqlite)]
    public void A_kind_of_database_has_its_dialect(string kind, SqlDialect dialect) => SqlDialects.Of(kind).ShouldBe(dialect);

    [Fact]
    public void Another_kind_has_none() => Should.Throw<DeployOpsException>(() => SqlDialects.Of("1")).ErrorId.ShouldBe("SqlDialectUnknown");

    [Theory]
    [InlineData("-- deployops: transaction=script\nSAVEPOINT a; INSERT INTO t VALUES (1); ROLLBACK TO a;")]
    [InlineData("-- deployops: transaction=script\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;")]
    public void A_header_for_one_transaction_allows_what_stays_within_it(string sql) => Find(sql).ShouldBe(MigrationTransaction.Tx);

    private static MigrationTransaction Find(string sql) => MigrationTransactions.Find("V1__a.sql", SqlStatements.Read(sql, SqlDialect.PostgreSql));
}

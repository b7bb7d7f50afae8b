using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>What a run made is spared, and nothing else that may bear its name.</summary>
public sealed class NewTablesTests
{
    [Theory]
    [InlineData("CREATE TABLE archive.orders (LIKE public.orders INCLUDING ALL); INSERT INTO archive.orders SELECT * FROM orders; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE archive.orders (id bigint); DELETE FROM orders", "DST002 change-without-where orders")]
    [InlineData("CREATE TABLE archive.orders (id bigint); TRUNCATE orders", "DST001 truncate orders")]
    [InlineData("CREATE TABLE archive.orders (id bigint); ALTER TABLE orders DROP COLUMN x", "DST001 drop-column orders")]
    [InlineData("CREATE TABLE archive.orders (id bigint); CREATE INDEX i ON orders (id)", "LCK002 require-concurrent-index-creation orders")]
    [InlineData("CREATE TABLE archive.orders (id bigint); CREATE INDEX i ON archive.orders (id); DROP INDEX i", "LCK002 require-concurrent-index-deletion ")]
    [InlineData("CREATE TABLE orders (id bigint); DROP TABLE public.orders", "DST001 drop-table public.orders")]
    [InlineData("CREATE TABLE \"Orders\" (id bigint); DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TEMP TABLE orders AS SELECT 1; DROP TABLE public.orders", "DST001 drop-table public.orders")]
    [InlineData("CREATE TABLE IF NOT EXISTS orders (id bigint); DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE FOREIGN TABLE far (id bigint) SERVER s; DELETE FROM far", "DST002 change-without-where far")]
    [InlineData("SET LOCAL search_path TO archive; CREATE TABLE orders (id bigint); SET LOCAL search_path TO public; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE orders (id bigint); SET LOCAL ROLE shop; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE orders (id bigint); SELECT pg_catalog.set_config('search_path', 'shop', true); DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE orders (id bigint); DO $$ BEGIN EXECUTE 'SET LOCAL search_path TO shop'; DROP TABLE orders; END $$", "DST001 drop-table orders")]
    [InlineData("-- deployops: transaction=none\nBEGIN; SET LOCAL search_path TO archive; CREATE TABLE orders (id bigint); COMMIT; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("-- deployops: transaction=none\nBEGIN; CREATE TEMP TABLE orders ON COMMIT DROP AS SELECT 1; COMMIT; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("-- deployops: transaction=none\nCREATE TEMP TABLE orders ON COMMIT DROP AS SELECT 1; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("-- deployops: transaction=none\nBEGIN; CREATE TEMP TABLE orders AS SELECT 1; ROLLBACK; DROP TABLE orders", "DST001 drop-table orders")]
    public void A_table_of_the_same_name_elsewhere_is_not_new(string sql, string found) => Found(sql).ShouldBe([found]);

    [Theory]
    [InlineData("CREATE TABLE archive.orders LIKE orders; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE orders (id bigint); USE other; DROP TABLE orders", "ENV001 other-database ", "DST001 drop-table orders")]
    public void Another_database_of_MariaDB_has_tables_of_its_own(string sql, params string[] found) => Found(sql, SqlDialect.MariaDb).ShouldBe(found);

    [Fact]
    public void A_temporary_table_of_SQLite_hides_no_other() =>
        Found("CREATE TEMP TABLE orders (id int); DELETE FROM main.orders; DROP TABLE main.orders", SqlDialect.Sqlite).ShouldBe(["DST002 change-without-where main.orders", "DST001 drop-table main.orders"]);

    [Theory]
    [InlineData("CREATE TABLE shop.lines (id bigint); CREATE INDEX i ON shop.lines (id); DROP INDEX shop.i; DROP TABLE shop.lines")]
    [InlineData("SET LOCAL search_path TO shop; CREATE TABLE lines (id bigint); TRUNCATE lines; SET LOCAL search_path TO public; CREATE TABLE other (id bigint); SET LOCAL search_path TO shop; TRUNCATE lines")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = shop AS 'SELECT 1'; CREATE TABLE lines (id bigint); CREATE FUNCTION g() RETURNS int LANGUAGE sql SET search_path = shop AS 'SELECT 1'; TRUNCATE lines")]
    [InlineData("CREATE TEMP TABLE work (id bigint); TRUNCATE work; DROP TABLE pg_temp.work")]
    [InlineData("CREATE TEMP TABLE work ON COMMIT DROP AS SELECT 1; TRUNCATE work")]
    public void What_was_made_by_the_same_name_is_new(string sql) => Found(sql).ShouldBeEmpty();

    [Theory]
    [InlineData("CREATE TEMP TABLE orders AS SELECT 1")]
    [InlineData("SET LOCAL search_path TO archive; CREATE TABLE orders (id bigint)")]
    public void What_ended_with_its_script_is_not_new_to_the_next(string before) =>
        new MigrationLinter(SqlDialect.PostgreSql).Check([LintBench.Script(before), LintBench.Script("DROP TABLE orders", "V2__b.sql")]).Select(finding => finding.Rule).ShouldBe(["DST001"]);

    [Fact]
    public void A_path_that_was_set_for_the_session_may_still_be_set_in_the_next_script() => new MigrationLinter(SqlDialect.PostgreSql)
        .Check([LintBench.Script("CREATE TABLE orders (id bigint); SET search_path TO shop; RESET search_path"), LintBench.Script("DROP TABLE orders", "V2__b.sql")])
        .Select(finding => finding.Rule).ShouldBe(["DST001"]);

    [Theory]
    [InlineData("CREATE TABLE t (a int); DROP TABLE t; ALTER TABLE orders RENAME TO t; DROP TABLE t", "INC001 rename orders", "DST001 drop-table t")]
    [InlineData("CREATE TEMP TABLE orders AS SELECT 1; DROP TABLE orders; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; ALTER TABLE orders RENAME TO t; TRUNCATE t", "INC001 rename orders", "DST001 truncate t")]
    [InlineData("CREATE TABLE shop.t (a int); ALTER TABLE shop.t SET SCHEMA old; TRUNCATE shop.t", "DST001 truncate shop.t")]
    [InlineData("CREATE TABLE s.t (a int); DROP SCHEMA s CASCADE; ALTER SCHEMA shop RENAME TO s; DROP TABLE s.t", "DST001 drop-schema ", "INC001 rename-other ", "DST001 drop-table s.t")]
    [InlineData("CREATE TABLE t (a int); CREATE INDEX i ON t (a); DROP TABLE t; ALTER INDEX j RENAME TO i; DROP INDEX i", "LCK002 require-concurrent-index-deletion ")]
    [InlineData("CREATE TABLE t (a int); CREATE INDEX i ON t (a); ALTER INDEX i RENAME TO k; DROP INDEX i", "LCK002 require-concurrent-index-deletion ")]
    [InlineData("ALTER TABLE orders ADD a int; ALTER TABLE orders DROP a; ALTER TABLE orders RENAME b TO a; ALTER TABLE orders ALTER a TYPE bigint", "DST001 drop-column orders", "INC001 rename orders", "RWR001 changing-column-type orders")]
    [InlineData("ALTER TABLE orders ADD a int; ALTER TABLE orders RENAME a TO b; ALTER TABLE orders RENAME c TO a; ALTER TABLE orders ALTER a TYPE bigint", "INC001 rename orders", "INC001 rename orders", "RWR001 changing-column-type orders")]
    [InlineData("CREATE TABLE days (a int) PARTITION BY RANGE (a); ALTER TABLE days ATTACH PARTITION orders DEFAULT; DROP TABLE days", "DST001 drop-table days")]
    [InlineData("CREATE TABLE t (a int); ALTER TABLE orders INHERIT t; DELETE FROM t", "LCK004 statements-after-strong-lock orders", "DST002 change-without-where t")]
    [InlineData("CREATE TABLE t (a int); DO $$ BEGIN IF a THEN DROP TABLE t; END IF; END $$; DROP TABLE t", "DST001 drop-table t")]
    [InlineData("CREATE TABLE t (a int); DO $$ BEGIN IF a THEN ALTER TABLE t RENAME TO u; END IF; END $$; DROP TABLE u", "DST001 drop-table u")]
    public void What_was_dropped_or_named_anew_is_not_new(string sql, params string[] found) => Found(sql).ShouldBe(found);

    [Theory]
    [InlineData("CREATE TABLE t (a int); RENAME TABLE orders TO old, t TO orders; DROP TABLE orders; DROP TABLE old", "INC001 rename orders", "DST001 drop-table old")]
    [InlineData("CREATE TABLE t (a int); ALTER TABLE shop.orders RENAME u; ALTER TABLE t RENAME AS shop.orders; DROP TABLE shop.orders; DROP TABLE u", "INC001 rename shop.orders", "DST001 drop-table u")]
    [InlineData("CREATE TABLE t (a int); RENAME TABLES IF EXISTS t NOWAIT TO u, orders WAIT 5 TO t; DROP TABLES u, t", "INC001 rename orders", "DST001 drop-table t")]
    [InlineData("CREATE TEMPORARY TABLE orders (a int); DROP TEMPORARY TABLE orders; DROP TABLE orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE t LIKE days; ALTER TABLE days EXCHANGE PARTITION p WITH TABLE t; DROP TABLE t", "LCK008 exchange-partition days", "DST001 drop-table t")]
    public void MariaDB_names_tables_anew(string sql, params string[] found) => Found(sql, SqlDialect.MariaDb).ShouldBe(found);

    [Theory]
    [InlineData("IF a THEN CREATE TABLE t (a int); END IF; DELETE FROM t;", true)]
    [InlineData("CASE a WHEN 1 THEN CREATE TABLE t (a int); ELSE DELETE FROM t; END CASE;", true)]
    [InlineData("WHILE a DO CREATE TABLE t (a int); END WHILE; DELETE FROM t;", true)]
    [InlineData("REPEAT CREATE TABLE t (a int); UNTIL a END REPEAT; DELETE FROM t;", true)]
    [InlineData("DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; BEGIN CREATE TABLE t (a int); END; SELECT 1;", false)]
    [InlineData("IF a THEN CREATE TABLE t (a int); DELETE FROM t; END IF;", false)]
    [InlineData("CREATE TABLE t (a int); IF a THEN DELETE FROM t; ELSE DELETE FROM t; END IF; DELETE FROM t;", false)]
    [InlineData("IF a THEN SELECT 1; END IF; BEGIN CREATE TABLE t (a int); END; WHILE a DO DELETE FROM t; END WHILE;", false)]
    public void What_a_branch_of_a_compound_made_is_new_in_that_branch_alone(string body, bool isFound) =>
        LintBench.Names($"DELIMITER //\nBEGIN NOT ATOMIC {body} END //", SqlDialect.MariaDb).Contains("DST002 change-without-where").ShouldBe(isFound);

    [Theory]
    [InlineData("BEGIN NOT ATOMIC IF a THEN CREATE TABLE t (a int); END IF; END")]
    [InlineData("BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; CREATE TABLE t (a int); END")]
    public void What_a_compound_may_have_made_is_not_new_behind_it(string compound) =>
        LintBench.Names($"DELIMITER //\n{compound} //\nDROP TABLE t //", SqlDialect.MariaDb).ShouldContain("DST001 drop-table");

    [Theory]
    [InlineData("CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; TRUNCATE u; CREATE INDEX i ON u (a); DROP TABLE u")]
    [InlineData("CREATE TABLE shop.t (a int); ALTER TABLE shop.t RENAME TO u; TRUNCATE shop.u; ALTER TABLE shop.u SET SCHEMA old; TRUNCATE old.u")]
    [InlineData("CREATE TABLE t (a int); DROP TABLE t; CREATE TABLE t (b int); TRUNCATE t")]
    [InlineData("CREATE TABLE days (a int) PARTITION BY RANGE (a); CREATE TABLE day (a int); ALTER TABLE days ATTACH PARTITION day DEFAULT; DROP TABLE days")]
    public void A_new_table_is_new_by_its_new_name(string sql) => Found(sql).ShouldBeEmpty();

    private static IEnumerable<string> Found(string sql, SqlDialect dialect = SqlDialect.PostgreSql) => LintBench.Check(sql, dialect).Select(finding => $"{LintBench.Name(finding)} {finding.Table}");
}

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

    private static IEnumerable<string> Found(string sql, SqlDialect dialect = SqlDialect.PostgreSql) => LintBench.Check(sql, dialect).Select(finding => $"{LintBench.Name(finding)} {finding.Table}");
}

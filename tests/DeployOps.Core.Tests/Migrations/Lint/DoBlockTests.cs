namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>What stands in a DO of PostgreSQL is judged as if it stood by itself.</summary>
public sealed class DoBlockTests
{
    [Fact]
    public void Every_statement_of_a_block_is_judged_in_its_line()
    {
        var findings = LintBench.Check("""
            SELECT 1;
            DO $$
            DECLARE gone int := (SELECT count(*) FROM orders);
            BEGIN
              IF EXISTS (SELECT 1 FROM pg_class WHERE relname = CASE WHEN gone > 0 THEN 'orders' ELSE '' END) THEN
                DROP TABLE orders;
              END IF;
              ALTER TABLE lines ADD COLUMN x int NOT NULL; -- DROP TABLE other;
              CREATE INDEX ON lines (x);
              UPDATE lines SET x = 1;
            END $$;
            """);

        findings.Select(finding => $"{finding.Line} {LintBench.Name(finding)}").ShouldBe(
        [
            "6 DST001 drop-table", "8 NUL001 adding-required-field", "9 LCK002 require-concurrent-index-creation", "10 LCK004 statements-after-strong-lock", "10 DST002 change-without-where",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData("BEGIN NULL; END")]
    [InlineData("BEGIN PERFORM 1; COMMIT; END")]
    [InlineData("BEGIN IF true THEN CREATE TABLE a (x int); CREATE INDEX ON a (x); END IF; END")]
    [InlineData("BEGIN CREATE TABLE a (x int); EXCEPTION WHEN duplicate_table THEN RAISE NOTICE 'DROP TABLE a'; END")]
    [InlineData("DECLARE a refcursor; BEGIN OPEN a FOR SELECT 1; FETCH a INTO b; CLOSE a; END")]
    [InlineData("<<outer>> DECLARE r record; BEGIN <<inner>> FOR r IN SELECT 1 LOOP EXIT inner WHEN r.a = 1; CONTINUE; END LOOP inner; END outer")]
    [InlineData("BEGIN GRANT EXECUTE ON FUNCTION f() TO kim; END")]
    [InlineData("BEGIN EXECUTE 'UPDATE orders SET a = $1 WHERE id = 1' USING 3; END")]
    public void What_hurts_nobody_is_silent(string body) => LintBench.Names($"DO $do$ {body} $do$").ShouldBeEmpty();

    [Theory]
    [InlineData("BEGIN IF a THEN NULL; ELSIF b THEN NULL; ELSE DROP TABLE orders; END IF; END")]
    [InlineData("BEGIN CASE a WHEN 1 THEN NULL; ELSE DROP TABLE orders; END CASE; END")]
    [InlineData("BEGIN CASE WHEN a = 1 THEN DROP TABLE orders; END CASE; END")]
    [InlineData("BEGIN FOR i IN 1..10 LOOP DROP TABLE orders; END LOOP; END")]
    [InlineData("BEGIN FOREACH a IN ARRAY b LOOP DROP TABLE orders; END LOOP; END")]
    [InlineData("BEGIN <<a>> WHILE true LOOP DROP TABLE orders; END LOOP; END")]
    [InlineData("BEGIN LOOP DROP TABLE orders; END LOOP; END")]
    [InlineData("BEGIN NULL; EXCEPTION WHEN OTHERS THEN DROP TABLE orders; END")]
    [InlineData("BEGIN DECLARE a int; BEGIN DROP TABLE orders; END; END")]
    [InlineData("BEGIN EXECUTE 'DROP TABLE orders'; END")]
    [InlineData("BEGIN EXECUTE $x$SELECT 1; DROP TABLE orders$x$; END")]
    public void A_drop_is_found_wherever_it_stands(string body) => LintBench.Names($"DO LANGUAGE plpgsql $do$ {body} $do$").ShouldBe(["DST001 drop-table"]);

    [Fact]
    public void Rows_that_a_loop_takes_away_are_found() => LintBench.Names("DO $$ BEGIN FOR r IN DELETE FROM orders RETURNING * LOOP NULL; END LOOP; END $$").ShouldBe(["DST002 change-without-where"]);

    [Fact]
    public void A_block_in_plain_quotes_is_read() => LintBench.Names("DO 'BEGIN PERFORM ''a''; DROP TABLE orders; END' LANGUAGE 'plpgsql'").ShouldBe(["DST001 drop-table"]);

    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE format('DROP TABLE %I', a); END $$")]
    [InlineData("DO $$ BEGIN EXECUTE 'DROP TABLE ' || a; END $$")]
    [InlineData("DO $$ BEGIN FOR r IN EXECUTE a LOOP NULL; END LOOP; END $$")]
    [InlineData("DO $$ BEGIN OPEN c FOR EXECUTE a; END $$")]
    [InlineData("DO $$ plpy.execute('DROP TABLE orders') $$ LANGUAGE plpython3u")]
    [InlineData("DO E'BEGIN DROP TABLE orders; END'")]
    public void What_cannot_be_read_is_told(string sql) => LintBench.Names(sql).ShouldBe(["SQL002 not-looked-into"]);

    [Fact]
    public void What_a_branch_made_is_new_in_that_branch_alone()
    {
        LintBench.Names("DO $$ BEGIN IF a THEN CREATE TABLE orders (x int); END IF; CREATE INDEX ON orders (x); END $$").ShouldBe(["LCK002 require-concurrent-index-creation"]);
        LintBench.Names("DO $$ BEGIN IF a THEN CREATE TABLE orders (x int); ELSE CREATE INDEX ON orders (x); END IF; END $$").ShouldBe(["LCK002 require-concurrent-index-creation"]);
        LintBench.Names("DO $$ BEGIN CREATE TABLE orders (x int); END $$; CREATE INDEX ON orders (x)").ShouldBeEmpty();
    }

    [Fact]
    public void It_is_allowed_before_the_block() =>
        LintBench.Check("-- deployops: destructive reason=\"merged\"\nDO $$ BEGIN DROP TABLE orders; END $$").ShouldHaveSingleItem().Allowed.ShouldBeTrue();

    [Theory]
    [InlineData("", "LCK003 ban-concurrent-index-creation-in-transaction")]
    [InlineData("-- deployops: transaction=none\n", "LCK003 ban-concurrent-index-creation-in-transaction")]
    public void Nothing_is_concurrent_in_a_block(string header, string found) => LintBench.Names($"{header}DO $$ BEGIN CREATE INDEX CONCURRENTLY ON orders (x); END $$").ShouldBe([found]);

    [Fact]
    public void A_timeout_that_a_block_turns_off_is_found() => LintBench.Names("DO $$ BEGIN SET LOCAL lock_timeout = 0; END $$").ShouldBe(["LCK001 require-timeout-settings"]);
}

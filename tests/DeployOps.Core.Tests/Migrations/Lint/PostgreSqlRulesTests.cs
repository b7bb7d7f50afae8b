using DeployOps.Migrations.Lint;

namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>One statement that hurts, one way to write it that does not: rule for rule.</summary>
public sealed class PostgreSqlRulesTests
{
    [Theory]
    [InlineData("LCK001 require-timeout-settings", "SET lock_timeout = 0")]
    [InlineData("LCK002 require-concurrent-index-creation", "CREATE INDEX i ON orders (status)")]
    [InlineData("LCK002 require-concurrent-index-deletion", "DROP INDEX i")]
    [InlineData("LCK002 require-concurrent-reindex", "REINDEX TABLE orders")]
    [InlineData("LCK002 require-concurrent-partition-detach", "ALTER TABLE orders DETACH PARTITION orders_2024")]
    [InlineData("LCK003 ban-concurrent-index-creation-in-transaction", "-- deployops: transaction=script\nCREATE INDEX CONCURRENTLY i ON orders (status)")]
    [InlineData("LCK005 lock-table", "LOCK TABLE orders")]
    [InlineData("LCK005 cluster", "CLUSTER orders USING i")]
    [InlineData("LCK005 vacuum-full", "VACUUM FULL orders")]
    [InlineData("LCK005 vacuum-full", "VACUUM (FULL, ANALYZE) orders")]
    [InlineData("LCK005 refresh-materialized-view", "REFRESH MATERIALIZED VIEW totals")]
    [InlineData("LCK006 adding-foreign-key-constraint", "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id)")]
    [InlineData("LCK006 adding-column-with-foreign-key", "ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops")]
    [InlineData("LCK006 constraint-missing-not-valid", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0)")]
    [InlineData("LCK006 adding-column-with-check", "ALTER TABLE orders ADD COLUMN a int CHECK (a > 0)")]
    [InlineData("LCK006 adding-column-with-check", "ALTER TABLE orders ADD a int NOT NULL DEFAULT 5 CONSTRAINT c CHECK (a > 0)")]
    [InlineData("LCK006 validate-in-same-transaction", "-- deployops: transaction=none\nALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID, VALIDATE CONSTRAINT c")]
    [InlineData("LCK006 constraint-of-a-domain", "ALTER DOMAIN email ADD CHECK (VALUE LIKE '%@%')")]
    [InlineData("LCK006 constraint-of-a-domain", "ALTER DOMAIN shop.email SET NOT NULL")]
    [InlineData("LCK007 disallowed-unique-constraint", "ALTER TABLE orders ADD CONSTRAINT c UNIQUE (number)")]
    [InlineData("LCK007 disallowed-unique-constraint", "ALTER TABLE orders ADD PRIMARY KEY (id)")]
    [InlineData("LCK007 disallowed-unique-constraint", "ALTER TABLE stays ADD CONSTRAINT c EXCLUDE USING gist (room WITH =, during WITH &&)")]
    [InlineData("LCK007 adding-unique-column", "ALTER TABLE orders ADD COLUMN number text UNIQUE")]
    [InlineData("LCK008 create-trigger", "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()")]
    [InlineData("LCK008 attach-partition", "ALTER TABLE orders ATTACH PARTITION orders_2024 FOR VALUES FROM (1) TO (2)")]
    [InlineData("LCK008 trigger-state", "ALTER TABLE orders DISABLE TRIGGER ALL")]
    [InlineData("RWR001 changing-column-type", "ALTER TABLE orders ALTER COLUMN id TYPE bigint")]
    [InlineData("RWR001 changing-column-type", "ALTER TABLE orders ALTER total SET DATA TYPE text USING total::text")]
    [InlineData("RWR001 widening-column-type", "ALTER TABLE orders ALTER COLUMN note TYPE varchar(200)")]
    [InlineData("RWR002 volatile-default", "ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()")]
    [InlineData("RWR002 generated-column", "ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.19) STORED")]
    [InlineData("RWR002 adding-serial-or-identity", "ALTER TABLE orders ADD COLUMN number bigserial")]
    [InlineData("RWR002 adding-serial-or-identity", "ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY")]
    [InlineData("RWR002 column-of-a-constrained-domain", "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%'); ALTER TABLE orders ADD COLUMN mail email")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE orders SET UNLOGGED")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE orders SET TABLESPACE fast")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast")]
    [InlineData("RWR003 changing-storage", "ALTER INDEX IF EXISTS i SET TABLESPACE fast")]
    [InlineData("RWR003 changing-storage", "ALTER INDEX ALL IN TABLESPACE slow OWNED BY kim SET TABLESPACE fast NOWAIT")]
    [InlineData("RWR003 changing-storage", "ALTER MATERIALIZED VIEW totals SET TABLESPACE fast")]
    [InlineData("NUL001 adding-not-nullable-field", "ALTER TABLE orders ALTER COLUMN status SET NOT NULL")]
    [InlineData("NUL001 adding-required-field", "ALTER TABLE orders ADD COLUMN status text NOT NULL")]
    [InlineData("NUL001 primary-key-sets-not-null", "ALTER TABLE orders ADD CONSTRAINT pk PRIMARY KEY USING INDEX u")]
    [InlineData("NUL001 primary-key-sets-not-null", "ALTER TABLE orders ADD COLUMN n bigint; ALTER TABLE orders ADD PRIMARY KEY USING INDEX u")]
    [InlineData("DST001 drop-table", "DROP TABLE orders")]
    [InlineData("DST001 drop-column", "ALTER TABLE orders DROP COLUMN status")]
    [InlineData("DST001 drop-schema", "DROP SCHEMA shop CASCADE")]
    [InlineData("DST001 drop-cascade", "DROP VIEW totals CASCADE")]
    [InlineData("DST001 truncate", "TRUNCATE orders")]
    [InlineData("DST001 drop-not-null", "ALTER TABLE orders ALTER COLUMN status DROP NOT NULL")]
    [InlineData("DST002 change-without-where", "UPDATE orders SET status = 'new'")]
    [InlineData("DST002 change-without-where", "DELETE FROM ONLY orders")]
    [InlineData("DST002 change-without-where", "WITH old AS (SELECT id FROM orders WHERE id < 9) UPDATE orders SET status = 'old' FROM old")]
    [InlineData("DST002 change-without-where", "WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO log SELECT * FROM gone")]
    [InlineData("DST002 change-without-where", "WITH a AS (SELECT 1), gone AS NOT MATERIALIZED (UPDATE orders SET a = 1 RETURNING id) SELECT * FROM gone WHERE id = 1")]
    [InlineData("DST002 change-without-where", "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM orders")]
    [InlineData("DST002 change-without-where", "PREPARE d AS DELETE FROM orders; EXECUTE d")]
    [InlineData("DST002 change-without-where", "PREPARE d (int, text) AS UPDATE orders SET a = $1")]
    [InlineData("DST002 change-without-where", "CREATE TABLE lines (a int); WITH x AS (DELETE FROM lines RETURNING a) DELETE FROM orders")]
    [InlineData("LCK001 require-timeout-settings", "-- deployops: transaction=none\nSET lock_timeout = 0;\nALTER TABLE orders ADD COLUMN a int")]
    [InlineData("LCK001 require-timeout-settings", "SET lock_timeout = 0; DROP INDEX CONCURRENTLY i; RESET lock_timeout; VACUUM FULL orders")]
    [InlineData("LCK001 require-timeout-settings", "-- deployops: transaction=none\nSELECT set_config('lock_timeout', '0', false); DROP TABLE orders")]
    [InlineData("LCK001 require-timeout-settings", "SELECT set_config('lock_timeout', '0', true)")]
    [InlineData("LCK004 statements-after-strong-lock", "ALTER TABLE orders ADD COLUMN a int; WITH x AS (UPDATE orders SET a = 1 WHERE id = 1 RETURNING id) SELECT * FROM x")]
    [InlineData("INC001 rename", "ALTER TABLE orders RENAME TO sales")]
    [InlineData("INC001 rename", "ALTER TABLE orders RENAME COLUMN status TO state")]
    [InlineData("INC001 rename-other", "ALTER TYPE mood RENAME VALUE 'sad' TO 'unhappy'")]
    [InlineData("INC001 rename-other", "ALTER SCHEMA shop RENAME TO store")]
    [InlineData("INC001 revoke", "REVOKE SELECT ON orders FROM shop")]
    [InlineData("DAT001 values-that-do-not-fit", "ALTER TABLE orders ALTER note TYPE varchar(10)")]
    [InlineData("DAT001 unique-on-existing-rows", "CREATE UNIQUE INDEX CONCURRENTLY i ON orders (number)")]
    [InlineData("IDX001 index-may-be-invalid", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (status)")]
    [InlineData("IDX001 foreign-key-without-index", "CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders)")]
    [InlineData("TYP001 prefer-jsonb", "ALTER TABLE orders ADD COLUMN extra json")]
    [InlineData("TYP001 prefer-bigint-key", "CREATE TABLE lines (id serial PRIMARY KEY)")]
    [InlineData("TYP001 prefer-timestamptz", "CREATE TABLE lines (id bigint PRIMARY KEY, made timestamp NOT NULL)")]
    [InlineData("TYP001 prefer-text", "CREATE TABLE lines (id bigint PRIMARY KEY, code char(3))")]
    [InlineData("TX001 ban-uncommitted-transaction", "BEGIN")]
    [InlineData("TX001 commit-without-begin", "COMMIT")]
    [InlineData("ENV001 alter-system", "ALTER SYSTEM SET work_mem = '1GB'")]
    [InlineData("ENV001 checks-off", "SET session_replication_role = replica")]
    [InlineData("ENV001 checks-off", "SET LOCAL session_replication_role TO 'replica'")]
    [InlineData("ENV001 checks-off", "SELECT set_config('session_replication_role', 'replica', false)")]
    [InlineData("ENV001 checks-off", "DO $$ BEGIN PERFORM pg_catalog.set_config('session_replication_role', 'replica', true); END $$")]
    [InlineData("ENV001 setting-leaks", "SET search_path TO shop, public")]
    [InlineData("ENV001 create-extension", "CREATE EXTENSION IF NOT EXISTS pg_trgm")]
    [InlineData("ENV001 meta-command", "\\i other.sql")]
    [InlineData("SQL001 unreadable-script", "SELECT 'a")]
    public void A_dangerous_statement_is_found(string rule, string sql) => LintBench.Names(sql).ShouldContain(rule);

    [Theory]
    [InlineData("LCK001", "SET lock_timeout = '2s'")]
    [InlineData("LCK001", "SET lock_timeout = 0; CREATE INDEX CONCURRENTLY i ON orders (status)")]
    [InlineData("LCK001", "SET lock_timeout = 0; CREATE INDEX CONCURRENTLY i ON orders (status); SET lock_timeout = '2s'; VACUUM FULL orders")]
    [InlineData("LCK001", "-- deployops: transaction=none\nSET lock_timeout = 0; CREATE TABLE lines (a int); ALTER TABLE lines ADD b int; ALTER TABLE orders VALIDATE CONSTRAINT c")]
    [InlineData("LCK001", "SELECT set_config('search_path', '0', true)")]
    [InlineData("LCK002", "CREATE INDEX CONCURRENTLY i ON orders (status)")]
    [InlineData("LCK002", "CREATE INDEX i ON ONLY orders (status)")]
    [InlineData("LCK002", "CREATE TABLE lines (a int); CREATE INDEX i ON lines (a); DROP INDEX i")]
    [InlineData("LCK002", "DROP INDEX CONCURRENTLY i")]
    [InlineData("LCK002", "REINDEX INDEX CONCURRENTLY i")]
    [InlineData("LCK002", "ALTER TABLE orders DETACH PARTITION orders_2024 CONCURRENTLY")]
    [InlineData("LCK002", "ALTER TABLE orders DETACH PARTITION orders_2024 FINALIZE")]
    [InlineData("LCK003", "SET maintenance_work_mem = '1GB'; CREATE INDEX CONCURRENTLY i ON orders (status); RESET maintenance_work_mem")]
    [InlineData("LCK004", "ALTER TABLE orders ADD COLUMN a int; COMMENT ON COLUMN orders.a IS 'x'; ALTER TABLE orders ADD COLUMN b int")]
    [InlineData("LCK005", "LOCK TABLE orders IN ROW EXCLUSIVE MODE")]
    [InlineData("LCK005", "VACUUM (ANALYZE, FULL FALSE) orders")]
    [InlineData("LCK005", "REFRESH MATERIALIZED VIEW CONCURRENTLY totals")]
    [InlineData("LCK006", "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID")]
    [InlineData("LCK006", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID")]
    [InlineData("LCK006", "ALTER TABLE orders VALIDATE CONSTRAINT c")]
    [InlineData("LCK006", "ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID; CREATE DOMAIN name AS text; ALTER DOMAIN name SET NOT NULL; ALTER DOMAIN email DROP CONSTRAINT d")]
    [InlineData("RWR002", "CREATE DOMAIN email AS text; ALTER TABLE orders ADD COLUMN mail email")]
    [InlineData("LCK007", "ALTER TABLE orders ADD CONSTRAINT c UNIQUE USING INDEX i")]
    [InlineData("LCK008", "CREATE TABLE lines (a int); CREATE TRIGGER t BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION f()")]
    [InlineData("LCK008", "CREATE TABLE orders_2024 (LIKE orders); ALTER TABLE orders ATTACH PARTITION orders_2024 FOR VALUES FROM (1) TO (2)")]
    [InlineData("LCK006", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID, VALIDATE CONSTRAINT d")]
    [InlineData("RWR001", "ALTER TABLE orders ADD COLUMN id2 bigint; ALTER TABLE orders ALTER COLUMN id2 TYPE int")]
    [InlineData("RWR002", "ALTER TABLE orders ADD COLUMN made timestamptz NOT NULL DEFAULT now()")]
    [InlineData("RWR002", "ALTER TABLE orders ADD COLUMN tags text[] DEFAULT '{}' CHECK (cardinality(tags) < 9)")]
    [InlineData("RWR003", "ALTER TABLE orders SET (fillfactor = 90)")]
    [InlineData("NUL001", "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new'")]
    [InlineData("NUL001", "ALTER TABLE orders ADD COLUMN status text CHECK (status IS NOT NULL)")]
    [InlineData("DST001", "DROP INDEX CONCURRENTLY i")]
    [InlineData("DST001", "ALTER TABLE orders DROP CONSTRAINT c, ALTER COLUMN status DROP DEFAULT")]
    [InlineData("DST001", "CREATE TEMP TABLE work (a int); DROP TABLE work")]
    [InlineData("DST001", "DROP FUNCTION f(int)")]
    [InlineData("DST002", "UPDATE orders SET status = 'new' WHERE status IS NULL")]
    [InlineData("DST002", "SELECT id FROM orders FOR UPDATE")]
    [InlineData("DST002", "WITH gone AS (DELETE FROM orders WHERE id = 1 RETURNING *) INSERT INTO log SELECT * FROM gone")]
    [InlineData("DST002", "WITH update AS (SELECT 1), deleted AS (DELETE FROM orders WHERE id = 1 RETURNING *) SELECT * FROM deleted, update")]
    [InlineData("DST002", "INSERT INTO t (update, x) SELECT f(update, x) FROM s")]
    [InlineData("DST002", "EXPLAIN DELETE FROM orders")]
    [InlineData("DST002", "CREATE RULE r AS ON INSERT TO v DO INSTEAD (UPDATE orders SET a = 1)")]
    [InlineData("DST002", "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2")]
    [InlineData("INC001", "ALTER TABLE orders RENAME CONSTRAINT a TO b")]
    [InlineData("INC001", "ALTER TYPE mood ADD VALUE 'glad'")]
    [InlineData("INC001", "REVOKE ALL ON orders FROM PUBLIC")]
    [InlineData("DAT001", "CREATE INDEX CONCURRENTLY i ON orders (status)")]
    [InlineData("IDX001", "CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders); CREATE INDEX i ON lines (order_id, id)")]
    [InlineData("TYP001", "CREATE TABLE lines (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, made timestamptz, at timestamp with time zone, extra jsonb, name character varying(20), code text)")]
    [InlineData("RWR003", "CREATE TABLE lines (a int); CREATE INDEX i ON lines (a); ALTER INDEX i SET TABLESPACE fast; ALTER INDEX j SET (fillfactor = 90)")]
    [InlineData("DST002", "PREPARE d (int) AS DELETE FROM orders WHERE id = $1; EXECUTE d (1)")]
    [InlineData("ENV001", "SET session_replication_role = 'origin'; SELECT set_config('session_replication_role', 'origin', false), set_config('work_mem', '1MB', true)")]
    [InlineData("TX001", "ALTER SUBSCRIPTION s REFRESH PUBLICATION")]
    [InlineData("TX001", "BEGIN; DELETE FROM orders WHERE id = 1; COMMIT")]
    [InlineData("ENV001", "SET LOCAL search_path TO shop; SET statement_timeout = '1min'")]
    [InlineData("ENV001", "SET search_path TO shop; RESET search_path")]
    public void The_safe_form_is_silent(string rule, string sql) => LintBench.Check(sql).Where(finding => finding.Rule == rule).ShouldBeEmpty();

    [Theory]
    [InlineData("CREATE TABLE shop.lines (id bigint PRIMARY KEY, name text NOT NULL UNIQUE); CREATE INDEX i ON shop.lines (name); ALTER TABLE shop.lines ADD CONSTRAINT c CHECK (name <> ''); UPDATE shop.lines SET name = ''")]
    [InlineData("ALTER TABLE orders ADD COLUMN status text")]
    [InlineData("ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new', ALTER COLUMN status SET STATISTICS 100")]
    [InlineData("INSERT INTO settings VALUES ('DROP TABLE orders; UPDATE orders SET x = 1')")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM orders; DROP TABLE t; END $$")]
    [InlineData("CREATE OR REPLACE VIEW v AS SELECT id, status FROM orders")]
    [InlineData("GRANT SELECT ON orders TO shop")]
    [InlineData("COMMENT ON TABLE orders IS 'DROP TABLE'")]
    [InlineData("COPY settings FROM STDIN;\nDROP TABLE orders;\n\\.\nANALYZE settings")]
    [InlineData("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE SEQUENCE s; CREATE SCHEMA IF NOT EXISTS shop")]
    public void Harmless_scripts_have_no_finding_at_all(string sql) => LintBench.Names(sql).ShouldBeEmpty();

    [Fact]
    public void A_concurrent_index_among_others_is_found_with_both_lines()
    {
        var finding = LintBench.Check("CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY i ON orders (status)").ShouldHaveSingleItem();

        LintBench.Name(finding).ShouldBe("LCK003 concurrent-among-others");
        finding.Line.ShouldBe(2);
        finding.Why.ShouldContain("in line 1");
    }

    [Theory]
    [InlineData("CREATE TABLE new (a int); TRUNCATE TABLE ONLY new, orders RESTART IDENTITY", "DST001 truncate orders")]
    [InlineData("CREATE TABLE new (a int); TRUNCATE new *, shop.orders", "DST001 truncate shop.orders")]
    [InlineData("CREATE TABLE new (a int); DROP TABLE IF EXISTS new, orders", "DST001 drop-table orders")]
    [InlineData("CREATE TABLE new (a int); CREATE INDEX i ON new (a); DROP INDEX i, j", "LCK002 require-concurrent-index-deletion ")]
    [InlineData("CREATE TABLE new (a int); LOCK TABLE new, orders", "LCK005 lock-table orders")]
    [InlineData("-- deployops: transaction=none\nCREATE TABLE new (a int); VACUUM (FULL) new (a), orders", "LCK005 vacuum-full orders")]
    public void Every_name_of_a_list_is_judged(string sql, string found) =>
        LintBench.Check(sql).Select(finding => $"{LintBench.Name(finding)} {finding.Table}").ShouldBe([found]);

    [Theory]
    [InlineData("DROP OWNED BY kim", "DST001 drop-owned")]
    [InlineData("DROP OWNED BY kim CASCADE", "DST001 drop-cascade")]
    [InlineData("DELETE FROM orders WHERE true", "DST002 change-without-where")]
    [InlineData("DELETE FROM orders WHERE (TRUE) RETURNING id", "DST002 change-without-where")]
    [InlineData("UPDATE orders SET total = 0 WHERE 1 = 1", "DST002 change-without-where")]
    [InlineData("UPDATE orders SET total = 0 WHERE 'a' = 'a'", "DST002 change-without-where")]
    [InlineData("DELETE FROM orders WHERE 1 = 1 OR id = 3", "DST002 change-without-where")]
    [InlineData("DELETE FROM orders WHERE id = 3 OR (true AND (1 = 1)) RETURNING id", "DST002 change-without-where")]
    [InlineData("DELETE FROM orders WHERE (id = 3 OR true) AND id < 9", "")]
    [InlineData("DELETE FROM orders WHERE (id = 3) OR (id = 4)", "")]
    [InlineData("UPDATE orders SET total = 0 WHERE 1 = 2", "")]
    [InlineData("UPDATE orders SET total = 0 WHERE 1 = 1 AND id = 7", "")]
    [InlineData("UPDATE orders SET total = 0 WHERE (id) = (7)", "")]
    public void What_loses_all_is_found_however_it_is_written(string sql, string found) => string.Join("; ", LintBench.Names(sql)).ShouldBe(found);

    [Theory]
    [InlineData("ALTER TABLE settings DROP key", "DST001 drop-column")]
    [InlineData("ALTER TABLE settings DROP COLUMN IF EXISTS key, DROP partition", "DST001 drop-column")]
    [InlineData("ALTER TABLE settings DROP index", "DST001 drop-column")]
    [InlineData("ALTER TABLE settings DROP period", "DST001 drop-column")]
    [InlineData("ALTER TABLE settings DROP system", "DST001 drop-column")]
    [InlineData("ALTER TABLE settings ADD value int NOT NULL", "NUL001 adding-required-field")]
    [InlineData("ALTER TABLE settings ADD generated int NOT NULL, ADD exclude int", "NUL001 adding-required-field")]
    [InlineData("ALTER TABLE settings RENAME key TO name", "INC001 rename")]
    [InlineData("CREATE TABLE kv (key json, value timestamp, period char(3), system json)", "TYP001 prefer-jsonb", "TYP001 prefer-jsonb", "TYP001 prefer-timestamptz", "TYP001 prefer-text")]
    [InlineData("CREATE TABLE stays (LIKE orders, EXCLUDE USING gist (room WITH =), EXCLUDE (room WITH =), CHECK (a > 0), CONSTRAINT c UNIQUE (a), PRIMARY KEY (b), FOREIGN KEY (b) REFERENCES c)")]
    public void Keywords_of_others_are_columns(string sql, params string[] found) => LintBench.Names(sql).ShouldBe(found);

    [Fact]
    public void A_change_within_another_is_found_in_its_line() =>
        LintBench.Check("WITH gone AS (\n  DELETE FROM orders RETURNING *)\nINSERT INTO log SELECT * FROM gone").ShouldHaveSingleItem().Line.ShouldBe(2);

    [Theory]
    [InlineData("", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN DELETE FROM orders; RETURN 1; END; $body$")]
    [InlineData("", "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN a ELSE 0 END; END")]
    [InlineData("", "CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO orders VALUES (999); DELETE FROM orders WHERE id = 1; END")]
    [InlineData("", "COPY orders (id, note) FROM stdin;\n1\tDELETE FROM orders;\n\\.\n")]
    [InlineData("", "CREATE INDEX CONCURRENTLY i ON orders (note)")]
    [InlineData("", "SET lock_timeout = '5s'; CREATE INDEX CONCURRENTLY ON orders (note); DROP INDEX CONCURRENTLY i")]
    [InlineData("", "CALL fill()")]
    [InlineData("", "VACUUM (ANALYZE) orders; REINDEX TABLE CONCURRENTLY orders")]
    [InlineData("", "BEGIN; UPDATE orders SET total = 0 WHERE id = 1; COMMIT")]
    [InlineData("DST002 change-without-where", "BEGIN; SAVEPOINT a; DELETE FROM orders; ROLLBACK TO a; COMMIT")]
    [InlineData("", "ALTER TYPE mood ADD VALUE 'bad'; INSERT INTO moods VALUES ('bad')")]
    [InlineData("", "DO $$ BEGIN DELETE FROM orders WHERE id = 1; COMMIT; END $$")]
    [InlineData("", "UPDATE orders SET note = '$2y$13$abc;' WHERE id = 1")]
    [InlineData("", "CREATE TABLE x$y$z (a$b bigint); INSERT INTO x$y$z VALUES (1)")]
    [InlineData("", "INSERT INTO orders VALUES (1, E'it\\'s; ''fine') /* a /* nested; */ comment */; -- end;")]
    [InlineData("", "INSERT INTO orders VALUES (1, E'a\\'b'\n'; DROP TABLE c')")]
    [InlineData("", "INSERT INTO orders VALUES (1, U&'d\\0061t\\+000061', ':a @b $1 ? {0}')")]
    [InlineData("LCK003 concurrent-among-others", "DELETE FROM orders WHERE id = 1; CREATE INDEX CONCURRENTLY i ON orders (note)")]
    [InlineData("TX001 unclear-transaction", "DELETE FROM orders WHERE id = 1; VACUUM orders")]
    [InlineData("LCK003 ban-concurrent-index-creation-in-transaction", "-- deployops: transaction=script\nDROP INDEX CONCURRENTLY i")]
    [InlineData("TX001 ban-uncommitted-transaction", "-- deployops: transaction=none\nBEGIN; DELETE FROM orders WHERE id = 1")]
    [InlineData("TX001 unclear-transaction; TX001 commit-without-begin", "DELETE FROM orders WHERE id = 1; COMMIT")]
    [InlineData("ENV001 meta-command", "\\set x 1\nSELECT :x")]
    [InlineData("SQL001 unreadable-script", "CREATE FUNCTION f() RETURNS int AS $a$ SELECT 1 $b$")]
    [InlineData("SQL001 unreadable-script", "INSERT INTO orders VALUES ('open")]
    public void Scripts_that_other_runners_break_on_are_read_as_the_server_reads_them(string found, string sql) =>
        string.Join("; ", LintBench.Names(sql).Distinct()).ShouldBe(found);

    [Fact]
    public void Work_behind_a_strong_lock_is_told_once()
    {
        var finding = LintBench.Check("ALTER TABLE orders ADD COLUMN a int;\nUPDATE orders SET a = 1 WHERE id = 1;\nALTER TABLE lines ADD COLUMN b int").ShouldHaveSingleItem();

        (LintBench.Name(finding), finding.Line, finding.Table).ShouldBe(("LCK004 statements-after-strong-lock", 2, "orders"));
    }

    [Fact]
    public void Validating_in_the_script_that_adds_is_found() =>
        LintBench.Names("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c").ShouldBe(["LCK006 validate-in-same-transaction"]);

    [Fact]
    public void Not_null_is_silent_after_a_validated_check_in_the_same_run()
    {
        string[] scripts =
        [
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (status IS NOT NULL) NOT VALID", "ALTER TABLE orders VALIDATE CONSTRAINT c", "ALTER TABLE orders ALTER COLUMN status SET NOT NULL",
        ];

        Run(scripts).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN n bigint NOT NULL DEFAULT 0")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (n IS NOT NULL) NOT VALID", "ALTER TABLE orders VALIDATE CONSTRAINT c")]
    [InlineData("-- deployops: allow NUL001 reason=\"empty\"\nALTER TABLE orders ALTER n SET NOT NULL")]
    public void A_key_of_columns_that_are_not_null_by_then_looks_at_no_row(params string[] before) => Run([.. before, Index, Key]).Where(finding => finding.Name == "primary-key-sets-not-null").ShouldBeEmpty();

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN n bigint")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (n IS NOT NULL) NOT VALID")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (n IS NOT NULL OR m > 0) NOT VALID", "ALTER TABLE orders VALIDATE CONSTRAINT c")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (n IS NOT NULL) NOT VALID", "ALTER TABLE orders VALIDATE CONSTRAINT c", "ALTER TABLE orders DROP CONSTRAINT c")]
    [InlineData("ALTER TABLE orders ALTER n SET NOT NULL", "ALTER TABLE orders ALTER COLUMN n DROP NOT NULL")]
    public void A_key_of_columns_that_may_be_null_looks_at_every_row(params string[] before) => Run([.. before, Index, Key]).Count(finding => finding.Name == "primary-key-sets-not-null").ShouldBe(1);

    [Theory]
    [InlineData(false, "ALTER TABLE y1 ADD CONSTRAINT c CHECK (id IS NOT NULL AND id >= 1 AND id < 9) NOT VALID", "ALTER TABLE y1 VALIDATE CONSTRAINT c")]
    [InlineData(true, "ALTER TABLE y1 ADD CONSTRAINT c CHECK (id IS NOT NULL AND id >= 1 AND id < 9) NOT VALID")]
    [InlineData(true, "ALTER TABLE y1 ADD CONSTRAINT c CHECK (id IS NOT NULL AND id >= 1 AND id < 9) NOT VALID", "ALTER TABLE y1 VALIDATE CONSTRAINT c", "ALTER TABLE y1 DROP CONSTRAINT c")]
    [InlineData(true, "ALTER TABLE y1 ADD CONSTRAINT c CHECK (total >= 0) NOT VALID", "ALTER TABLE y1 VALIDATE CONSTRAINT c")]
    public void A_partition_is_scanned_unless_a_check_of_its_bounds_was_validated(bool isFound, params string[] before) =>
        Run([.. before, "ALTER TABLE orders ATTACH PARTITION y1 FOR VALUES FROM (1) TO (9)"]).Any(finding => finding.Name == "attach-partition").ShouldBe(isFound);

    private const string Index = "CREATE UNIQUE INDEX CONCURRENTLY u ON orders (n)";
    private const string Key = "ALTER TABLE orders ADD CONSTRAINT pk PRIMARY KEY USING INDEX u";

    private static IReadOnlyList<LintFinding> Run(string[] scripts) => new MigrationLinter(DeployOps.Migrations.Sql.SqlDialect.PostgreSql).Check([.. scripts.Select((sql, number) => LintBench.Script(sql, $"V{number}__a.sql"))]);
}

using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class MariaDbRulesTests
{
    // What is within runs where it stands, or when it is called: only what ends a transaction, and what nobody can read, is told of a routine.
    [Theory]
    [InlineData("BEGIN NOT ATOMIC\nDELETE FROM orders;\nEND", "DST002 change-without-where 2")]
    [InlineData("BEGIN NOT ATOMIC\nIF (SELECT COUNT(*) FROM a) > 1 THEN\nDROP TABLE orders; ELSE SELECT 1;\nEND IF;\nEND", "DST001 drop-table 3", "TX001 definition-within 3")]
    [InlineData("BEGIN NOT ATOMIC IF CASE 1 WHEN 1 THEN 2 END > 1 THEN\nUPDATE orders SET a = 1;\nEND IF; END", "DST002 change-without-where 2")]
    [InlineData("BEGIN NOT ATOMIC\nDECLARE i int DEFAULT 0;\nDECLARE EXIT HANDLER FOR SQLSTATE '42S01', NOT FOUND ROLLBACK;\nrounds: WHILE i < 5 DO\nUPDATE orders SET a = 1 WHERE id = i;\nCOMMIT;\nSET i = i + 1;\nEND WHILE rounds;\nEND", "TX001 commit-within 3", "TX001 commit-within 6")]
    [InlineData("BEGIN NOT ATOMIC\nREPEAT\nDELETE FROM orders WHERE a = 1 LIMIT 10;\nUNTIL ROW_COUNT() = 0 END REPEAT;\nFOR r IN (SELECT id FROM a) DO\nTRUNCATE orders;\nEND FOR;\nEND", "DST001 truncate 6", "TX001 definition-within 6")]
    [InlineData("BEGIN NOT ATOMIC\nPREPARE p FROM 'DROP TABLE orders';\nSET FOREIGN_KEY_CHECKS = 0;\nEND", "ENV001 checks-off 3", "ENV001 made-at-run-time 2")]
    [InlineData("BEGIN NOT ATOMIC\nCREATE TABLE fresh (id bigint PRIMARY KEY);\nDELETE FROM fresh;\nCASE 1 WHEN 1 THEN START TRANSACTION; END CASE;\nEND", "TX001 commit-within 4", "TX001 definition-within 2")]
    [InlineData("CREATE PROCEDURE p(a int, b varchar(10)) COMMENT 'x' MODIFIES SQL DATA\nBEGIN\nDELETE FROM orders;\nALTER TABLE orders ADD x int;\nCOMMIT;\nEXECUTE IMMEDIATE a;\nEND", "ENV001 made-at-run-time 6", "TX001 commit-within 5", "TX001 definition-within 4")]
    [InlineData("CREATE OR REPLACE DEFINER = a@b FUNCTION f() RETURNS varchar(9) CHARACTER SET utf8mb4\nBEGIN ROLLBACK TO a; ROLLBACK; RETURN 1; END", "TX001 commit-within 2")]
    [InlineData("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO\nDROP TABLE old", "TX001 definition-within 2")]
    [InlineData("CREATE PROCEDURE p() DELETE FROM orders")]
    public void What_stands_within_a_compound_is_told_with_its_line(string statement, params string[] expected) => Within($"DELIMITER //\n{statement} //").ShouldBe(expected);

    [Fact]
    public void What_is_allowed_before_a_compound_is_allowed_within_it() =>
        Within("DELIMITER //\n-- deployops: allow TX001 reason=\"tried\"\nBEGIN NOT ATOMIC COMMIT; END //").ShouldBeEmpty();

    [Theory]
    [InlineData("LCK001 require-timeout-settings", "SET SESSION lock_wait_timeout = 86400")]
    [InlineData("LCK001 require-timeout-settings", "SET @@session.lock_wait_timeout := 86400")]
    [InlineData("LCK001 require-timeout-settings", "SET @a = 1, lock_wait_timeout = DEFAULT")]
    [InlineData("LCK001 require-timeout-settings", "SET STATEMENT innodb_lock_wait_timeout = 7200 FOR DELETE FROM orders WHERE id = 1")]
    [InlineData("LCK001 require-timeout-settings", "ALTER TABLE orders WAIT 86400 ADD COLUMN a int, ALGORITHM=INSTANT")]
    [InlineData("LCK002 online-ddl-unstated", "ALTER TABLE orders ADD COLUMN status int")]
    [InlineData("LCK002 online-ddl-unstated", "ALTER TABLE orders WAIT 5 ADD COLUMN status int")]
    [InlineData("LCK002 online-ddl-unstated", "ALTER TABLE orders ADD COLUMN status int, ALGORITHM=DEFAULT")]
    [InlineData("LCK002 online-ddl-unstated", "CREATE INDEX i ON orders (status)")]
    [InlineData("LCK002 online-ddl-unstated", "CREATE INDEX i USING BTREE ON orders (status)")]
    [InlineData("LCK002 table-copy", "ALTER TABLE orders ADD COLUMN status int, ALGORITHM=COPY")]
    [InlineData("LCK005 lock-table", "LOCK TABLES orders WRITE")]
    [InlineData("LCK005 optimize-table", "OPTIMIZE TABLE orders")]
    [InlineData("LCK005 optimize-table", "REPAIR LOCAL TABLE orders")]
    [InlineData("LCK006 adding-foreign-key-constraint", "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b (id)")]
    [InlineData("LCK006 adding-foreign-key-constraint", "ALTER TABLE orders ADD COLUMN b_id bigint REFERENCES b (id)")]
    [InlineData("LCK006 adding-check-constraint", "ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0)")]
    [InlineData("LCK007 changing-primary-key", "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (a)")]
    [InlineData("LCK007 changing-primary-key", "ALTER TABLE orders DROP PRIMARY KEY, LOCK=NONE")]
    [InlineData("LCK007 fulltext-or-spatial-index", "CREATE FULLTEXT INDEX i ON orders (note)")]
    [InlineData("LCK007 fulltext-or-spatial-index", "ALTER TABLE orders ADD SPATIAL INDEX (place)")]
    [InlineData("LCK008 create-trigger", "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.a = 1")]
    [InlineData("LCK008 create-trigger", "CREATE DEFINER = app@localhost TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.a = 1")]
    [InlineData("LCK008 exchange-partition", "ALTER TABLE days EXCHANGE PARTITION p1 WITH TABLE day1")]
    [InlineData("RWR001 changing-column-type", "ALTER TABLE orders MODIFY COLUMN id bigint")]
    [InlineData("RWR002 generated-column", "ALTER TABLE orders ADD COLUMN total int AS (a + b) PERSISTENT")]
    [InlineData("RWR002 adding-auto-increment", "ALTER TABLE orders ADD COLUMN id bigint AUTO_INCREMENT PRIMARY KEY")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE orders PARTITION BY HASH (id) PARTITIONS 4")]
    [InlineData("RWR003 changing-storage", "ALTER TABLE days REORGANIZE PARTITION p1, p2 INTO (PARTITION p VALUES LESS THAN MAXVALUE)")]
    [InlineData("NUL001 implicit-default", "ALTER TABLE orders ADD COLUMN status int NOT NULL")]
    [InlineData("NUL001 implicit-default", "ALTER TABLE orders ADD COLUMN (a int, status int NOT NULL)")]
    [InlineData("DST001 drop-table", "/*!50003 DROP TABLE orders */")]
    [InlineData("DST001 drop-table", "SET STATEMENT max_statement_time = 5 FOR DROP TABLE orders")]
    [InlineData("DST001 drop-table", "DROP TABLES orders, lines")]
    [InlineData("DST001 drop-column", "ALTER TABLE orders DROP COLUMN status")]
    [InlineData("DST001 drop-column", "ALTER TABLE orders WAIT 5 DROP COLUMN status")]
    [InlineData("DST001 drop-partition", "ALTER TABLE days DROP PARTITION p1")]
    [InlineData("DST001 drop-partition", "ALTER TABLE days TRUNCATE PARTITION ALL")]
    [InlineData("DST001 replace-table", "CREATE OR REPLACE TABLE orders (id int)")]
    [InlineData("DST001 truncate", "TRUNCATE TABLE orders")]
    [InlineData("DST002 change-without-where", "UPDATE orders SET status = 1 # all")]
    [InlineData("DST002 change-without-where", "DELETE o FROM orders o JOIN lines l ON l.order_id = o.id")]
    [InlineData("DST002 change-without-where", "CREATE TABLE new (id int); UPDATE new n, orders o SET o.a = 1")]
    [InlineData("DST002 change-without-where", "CREATE TABLE new (id int); UPDATE LOW_PRIORITY new JOIN orders o ON o.id = new.id SET o.a = 1")]
    [InlineData("DST002 change-without-where", "SET STATEMENT max_statement_time = 5 FOR DELETE FROM orders")]
    [InlineData("INC001 rename", "RENAME TABLE orders TO sales")]
    [InlineData("INC001 rename", "RENAME TABLES orders TO sales")]
    [InlineData("INC001 rename", "CREATE TABLE new (id int); RENAME TABLE new TO newer, orders TO sales")]
    [InlineData("INC001 rename", "ALTER TABLE orders CHANGE COLUMN status state int, ALGORITHM=INSTANT")]
    [InlineData("DAT001 unique-on-existing-rows", "CREATE UNIQUE INDEX i ON orders (number) ALGORITHM=INPLACE LOCK=NONE")]
    [InlineData("DAT001 check-on-existing-rows", "ALTER TABLE orders ADD CHECK (amount > 0)")]
    [InlineData("TYP001 prefer-bigint-key", "CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY)")]
    [InlineData("TYP001 prefer-utf8mb4", "CREATE TABLE orders (id int) DEFAULT CHARSET=utf8")]
    [InlineData("TYP001 prefer-utf8mb4", "ALTER TABLE orders ADD COLUMN note varchar(9) CHARACTER SET latin1, ALGORITHM=INSTANT")]
    [InlineData("TYP001 prefer-datetime", "CREATE TABLE orders (made timestamp)")]
    [InlineData("TYP001 prefer-innodb", "CREATE TABLE orders (id int) ENGINE = MyISAM")]
    [InlineData("ENV001 checks-off", "SET FOREIGN_KEY_CHECKS = 0")]
    [InlineData("ENV001 checks-off", "SET @OLD = @@UNIQUE_CHECKS, UNIQUE_CHECKS = 0")]
    [InlineData("ENV001 checks-off", "SET @@session.check_constraint_checks := off")]
    [InlineData("ENV001 binary-log-off", "SET sql_log_bin = 0")]
    [InlineData("ENV001 strict-mode-off", "SET sql_mode = 'ANSI_QUOTES'")]
    [InlineData("ENV001 other-database", "USE other")]
    [InlineData("ENV001 install-plugin", "INSTALL SONAME 'auth_ed25519'")]
    [InlineData("ENV001 made-at-run-time", "EXECUTE IMMEDIATE 'DROP TABLE orders'")]
    [InlineData("ENV001 made-at-run-time", "PREPARE s FROM 'DROP TABLE orders'; EXECUTE s")]
    [InlineData("ENV001 alter-system", "SET GLOBAL max_connections = 5")]
    [InlineData("ENV001 alter-system", "SET @a = 1, @@global.max_connections = 5")]
    public void A_dangerous_statement_is_found(string rule, string sql) => LintBench.Names(sql, SqlDialect.MariaDb).ShouldContain(rule);

    [Theory]
    [InlineData("DROP TABLE \"orders\"", "DST001 drop-table orders")]
    [InlineData("DROP TABLE `a`, \"shop\".\"or\"\"ders\"", "DST001 drop-table a", "DST001 drop-table shop.or\"ders")]
    [InlineData("ALTER TABLE \"orders\" DROP \"status\", ALGORITHM=INSTANT", "DST001 drop-column orders")]
    [InlineData("DELETE FROM \"orders\"", "DST002 change-without-where orders")]
    [InlineData("CREATE TABLE \"a\" (\"at\" timestamp); DROP TABLE a", "TYP001 prefer-datetime a")]
    [InlineData("INSERT INTO orders VALUES (\"DROP TABLE x\"); UPDATE orders SET a = \"b\" WHERE c = \"d\"")]
    public void A_text_between_double_quotes_is_a_name_where_one_must_stand(string sql, params string[] found) =>
        LintBench.Check(sql, SqlDialect.MariaDb).Select(finding => $"{LintBench.Name(finding)} {finding.Table}").ShouldBe(found);

    [Theory]
    [InlineData("ALTER TABLE kv DROP period, DROP system", "DST001 drop-column", "LCK002 online-ddl-unstated")]
    [InlineData("CREATE TABLE kv (value timestamp, period timestamp)", "TYP001 prefer-datetime", "TYP001 prefer-datetime")]
    [InlineData("CREATE TABLE kv (a int, b timestamp(6), INDEX (a), KEY k (a), FULLTEXT (c), PERIOD FOR SYSTEM_TIME (b, d)) WITH SYSTEM VERSIONING", "TYP001 prefer-datetime")]
    [InlineData("ALTER TABLE kv DROP SYSTEM VERSIONING, DROP PERIOD FOR SYSTEM_TIME, DROP KEY k, DROP INDEX i", "LCK002 online-ddl-unstated")]
    public void Keywords_that_columns_may_bear_are_columns(string sql, params string[] found) => LintBench.Names(sql, SqlDialect.MariaDb).ShouldBe(found);

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status int NOT NULL DEFAULT 0, ALGORITHM=INSTANT, LOCK=NONE")]
    [InlineData("ALTER TABLE orders ADD COLUMN status text, ALGORITHM=NOCOPY")]
    [InlineData("ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (a, b), ALGORITHM=INPLACE, LOCK=NONE", "DAT001")]
    [InlineData("ALTER TABLE orders CHANGE status status text, ALGORITHM=INSTANT")]
    [InlineData("ALTER TABLE days ADD PARTITION (PARTITION p9 VALUES LESS THAN (900))")]
    [InlineData("SET lock_wait_timeout = 5; SET FOREIGN_KEY_CHECKS = 1; SET NAMES utf8mb4; SET sql_mode = 'TRADITIONAL'")]
    [InlineData("SET UNIQUE_CHECKS = @OLD_UNIQUE_CHECKS, sql_log_bin = 1, sql_mode = @@global.sql_mode")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN DELETE FROM orders; UPDATE lines SET a = 1; END//\nDELIMITER ;\n")]
    [InlineData("DELIMITER //\nCREATE DEFINER = a PROCEDURE p() BEGIN SET @a = 'TRIGGER'; END//\nDELIMITER ;\n")]
    [InlineData("UPDATE orders SET status = 1 WHERE id = 3; DELETE FROM lines LIMIT 5000")]
    [InlineData("CREATE TABLE lines (id bigint PRIMARY KEY AUTO_INCREMENT) ENGINE = InnoDB CHARSET utf8mb4; CREATE INDEX i ON lines (id); ALTER TABLE lines MODIFY id int, ADD CHECK (id > 0)")]
    public void The_safe_form_is_silent(string sql, string but = "-") => LintBench.Names(sql, SqlDialect.MariaDb).Where(name => !name.StartsWith(but, StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [InlineData("ALTER TABLE orders MODIFY note text NOT NULL", "SELECT * FROM orders WHERE note IS NULL LIMIT 5")]
    [InlineData("ALTER TABLE `Orders` CHANGE COLUMN `note` words text NOT NULL", "SELECT * FROM `Orders` WHERE `note` IS NULL LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD PRIMARY KEY (number)", "SELECT * FROM orders WHERE number IS NULL LIMIT 5")]
    [InlineData("ALTER TABLE orders MODIFY note varchar(20)", "SELECT note FROM orders WHERE CHAR_LENGTH(note) > 20 LIMIT 5")]
    [InlineData("ALTER TABLE orders MODIFY number smallint", "SELECT number FROM orders WHERE number NOT BETWEEN -32768 AND 32767 OR CONCAT(number) NOT REGEXP '^ *[-+]?[0-9]+([.]0*)? *$' LIMIT 5")]
    [InlineData("ALTER TABLE orders MODIFY number int UNSIGNED", "SELECT number FROM orders WHERE number NOT BETWEEN 0 AND 4294967295 OR CONCAT(number) NOT REGEXP '^ *[-+]?[0-9]+([.]0*)? *$' LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)", "SELECT * FROM orders WHERE NOT ( a > 0 ) LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD UNIQUE KEY u (a, b)", "SELECT a, b, count(*) FROM orders WHERE a IS NOT NULL AND b IS NOT NULL GROUP BY a, b HAVING count(*) > 1 LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY f (a) REFERENCES b (id)", "SELECT c.a FROM orders c WHERE c.a IS NOT NULL AND NOT EXISTS (SELECT 1 FROM b p WHERE p.id = c.a) LIMIT 5")]
    public void What_depends_on_the_rows_is_asked_of_them(string sql, string probe) => LintBench.Check(sql, SqlDialect.MariaDb).Select(finding => finding.Probe).ShouldContain(probe);

    [Fact]
    public void A_column_that_the_run_made_is_not_asked_for() =>
        LintBench.Check("ALTER TABLE orders ADD COLUMN note text, ALGORITHM=INSTANT; ALTER TABLE orders MODIFY note varchar(9) NOT NULL", SqlDialect.MariaDb).ShouldAllBe(finding => finding.Probe == null);

    [Fact]
    public void What_a_text_made_at_run_time_writes_before_decides_only_then() =>
        LintBench.Check("EXECUTE s;\nALTER TABLE orders MODIFY note text NOT NULL", SqlDialect.MariaDb).Single(finding => finding.Probe is not null).WrittenBefore.ShouldBe("V1__a.sql:1");

    private static List<string> Within(string script) =>
    [
        .. LintBench.Check(script, SqlDialect.MariaDb).Where(finding => !finding.Allowed && finding.Rule is "DST001" or "DST002" or "TX001" or "ENV001")
            .Select(finding => $"{finding.Rule} {finding.Name} {finding.Line - 1}").Order(StringComparer.Ordinal),
    ];
}

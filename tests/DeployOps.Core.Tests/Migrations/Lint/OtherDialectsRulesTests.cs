using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class OtherDialectsRulesTests
{
    [Theory]
    [InlineData("LCK001 require-timeout-settings", "SET SESSION lock_wait_timeout = 86400")]
    [InlineData("LCK002 online-ddl-unstated", "ALTER TABLE orders ADD COLUMN status int")]
    [InlineData("LCK002 online-ddl-unstated", "CREATE INDEX i ON orders (status)")]
    [InlineData("LCK002 table-copy", "ALTER TABLE orders ADD COLUMN status int, ALGORITHM=COPY")]
    [InlineData("LCK005 lock-table", "LOCK TABLES orders WRITE")]
    [InlineData("LCK005 optimize-table", "OPTIMIZE TABLE orders")]
    [InlineData("LCK006 adding-foreign-key-constraint", "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b (id)")]
    [InlineData("RWR001 changing-column-type", "ALTER TABLE orders MODIFY COLUMN id bigint")]
    [InlineData("NUL001 implicit-default", "ALTER TABLE orders ADD COLUMN status int NOT NULL")]
    [InlineData("DST001 drop-table", "/*!50003 DROP TABLE orders */")]
    [InlineData("DST001 drop-column", "ALTER TABLE orders DROP COLUMN status")]
    [InlineData("DST001 truncate", "TRUNCATE TABLE orders")]
    [InlineData("DST002 change-without-where", "UPDATE orders SET status = 1 # all")]
    [InlineData("DST002 change-without-where", "DELETE o FROM orders o JOIN lines l ON l.order_id = o.id")]
    [InlineData("DST002 change-without-where", "CREATE TABLE new (id int); UPDATE new n, orders o SET o.a = 1")]
    [InlineData("DST002 change-without-where", "CREATE TABLE new (id int); UPDATE LOW_PRIORITY new JOIN orders o ON o.id = new.id SET o.a = 1")]
    [InlineData("INC001 rename", "RENAME TABLE orders TO sales")]
    [InlineData("INC001 rename", "CREATE TABLE new (id int); RENAME TABLE new TO newer, orders TO sales")]
    [InlineData("INC001 rename", "ALTER TABLE orders CHANGE COLUMN status state int, ALGORITHM=INSTANT")]
    [InlineData("DAT001 unique-on-existing-rows", "CREATE UNIQUE INDEX i ON orders (number) ALGORITHM=INPLACE LOCK=NONE")]
    [InlineData("ENV001 checks-off", "SET FOREIGN_KEY_CHECKS = 0")]
    [InlineData("ENV001 alter-system", "SET GLOBAL max_connections = 5")]
    public void A_dangerous_statement_of_MariaDb_is_found(string rule, string sql) => LintBench.Names(sql, SqlDialect.MariaDb).ShouldContain(rule);

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status int NOT NULL DEFAULT 0, ALGORITHM=INSTANT, LOCK=NONE")]
    [InlineData("ALTER TABLE orders MODIFY COLUMN status bigint, ALGORITHM=NOCOPY")]
    [InlineData("ALTER TABLE orders CHANGE status status bigint, ALGORITHM=INSTANT")]
    [InlineData("SET lock_wait_timeout = 5; SET FOREIGN_KEY_CHECKS = 1; SET NAMES utf8mb4")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN DELETE FROM orders; DROP TABLE t; END//\nDELIMITER ;\n")]
    [InlineData("UPDATE orders SET status = 1 WHERE id = 3; DELETE FROM lines LIMIT 5000")]
    [InlineData("CREATE TABLE lines (id int PRIMARY KEY AUTO_INCREMENT); CREATE INDEX i ON lines (id)")]
    public void The_safe_form_of_MariaDb_is_silent(string sql) => LintBench.Names(sql, SqlDialect.MariaDb).ShouldBeEmpty();

    [Theory]
    [InlineData("DST001 drop-table", "DROP TABLE orders")]
    [InlineData("DST001 drop-column", "ALTER TABLE orders DROP COLUMN status")]
    [InlineData("DST002 change-without-where", "DELETE FROM orders")]
    [InlineData("DST002 change-without-where", "UPDATE OR IGNORE orders SET a = 1")]
    [InlineData("DST002 change-without-where", "WITH x AS (SELECT 1) DELETE FROM orders")]
    [InlineData("INC001 rename", "ALTER TABLE orders RENAME COLUMN a TO b")]
    [InlineData("NUL001 adding-required-field", "ALTER TABLE orders ADD COLUMN status TEXT NOT NULL")]
    [InlineData("DAT001 unique-on-existing-rows", "CREATE UNIQUE INDEX i ON orders (number)")]
    [InlineData("ENV001 foreign-keys-pragma", "PRAGMA foreign_keys = OFF")]
    [InlineData("ENV001 writable-schema", "PRAGMA writable_schema = 1")]
    public void A_dangerous_statement_of_Sqlite_is_found(string rule, string sql) => LintBench.Names(sql, SqlDialect.Sqlite).ShouldContain(rule);

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'new'; CREATE INDEX i ON orders (status)")]
    [InlineData("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a SELECT id FROM b; DELETE FROM a")]
    [InlineData("PRAGMA defer_foreign_keys = ON; PRAGMA user_version = 3; PRAGMA foreign_keys")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; UPDATE c SET x = 1; END")]
    public void The_safe_form_of_Sqlite_is_silent(string sql) => LintBench.Names(sql, SqlDialect.Sqlite).ShouldBeEmpty();
}

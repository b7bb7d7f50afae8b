using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class SqliteRulesTests
{
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
    public void A_dangerous_statement_is_found(string rule, string sql) => LintBench.Names(sql, SqlDialect.Sqlite).ShouldContain(rule);

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'new'; CREATE INDEX i ON orders (status)")]
    [InlineData("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a SELECT id FROM b; DELETE FROM a")]
    [InlineData("PRAGMA defer_foreign_keys = ON; PRAGMA user_version = 3; PRAGMA foreign_keys")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; UPDATE c SET x = 1; END")]
    public void The_safe_form_is_silent(string sql) => LintBench.Names(sql, SqlDialect.Sqlite).ShouldBeEmpty();
}

using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What uses an object of MariaDB, and whether the statement does then what was told.</summary>
public sealed class MariaDbObjectUsesTests(MariaDbCluster cluster)
{
    private const string Shop = """
        CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), total int, twice int AS (total * 2), plain int, CONSTRAINT sound CHECK (plain > 0 AND total < 10000), above int, CONSTRAINT orders_above FOREIGN KEY (above) REFERENCES orders (id));
        CREATE TABLE order_lines (id int PRIMARY KEY, order_id int, CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders (id)); CREATE TABLE audit (a int, note varchar(20));
        CREATE VIEW daily AS SELECT note, SUM(o.total) AS total FROM orders o GROUP BY note; CREATE VIEW weekly AS SELECT * FROM daily; CREATE VIEW other AS SELECT id FROM order_lines;
        CREATE FUNCTION late() RETURNS int READS SQL DATA RETURN (SELECT COUNT(note) FROM orders); CREATE PROCEDURE far() SELECT late();
        CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW SET NEW.note = UPPER(NEW.note); CREATE TRIGGER copied AFTER INSERT ON order_lines FOR EACH ROW UPDATE orders SET total = total + 1 WHERE id = NEW.order_id;
        CREATE EVENT clean ON SCHEDULE EVERY 1 DAY DO DELETE FROM audit WHERE note IN (SELECT note FROM orders);
        """;

    [Theory]
    [InlineData("DROP TABLE orders", "Refuses foreign key lines_order on order_lines; Breaks event clean; Breaks function late; Breaks trigger copied on order_lines; Breaks view daily")]
    [InlineData("ALTER TABLE orders DROP COLUMN note", "Breaks event clean; Breaks function late; Breaks trigger stamp on orders; Breaks view daily")]
    [InlineData("ALTER TABLE `orders` DROP COLUMN `total`", "Refuses check constraint sound on orders; Refuses column twice on orders; Breaks trigger copied on order_lines; Breaks view daily")]
    [InlineData("ALTER TABLE orders DROP COLUMN above", "Refuses foreign key orders_above on orders")]
    [InlineData("ALTER TABLE order_lines DROP COLUMN order_id", "Refuses foreign key lines_order on order_lines; Breaks trigger copied on order_lines")]
    [InlineData("ALTER TABLE orders DROP COLUMN twice", "")]
    [InlineData("DROP VIEW daily", "Breaks view weekly")]
    [InlineData("DROP FUNCTION late", "Breaks procedure far")]
    [InlineData("ALTER TABLE orders CHANGE note remark varchar(20)", "Breaks event clean; Breaks function late; Breaks trigger stamp on orders; Breaks view daily")]
    [InlineData("RENAME TABLE orders TO sales", "Breaks event clean; Breaks function late; Breaks trigger copied on order_lines; Breaks view daily")]
    [InlineData("DROP TABLE nowhere", "")]
    public async Task What_is_told_is_what_the_server_does(string sql, string uses)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var lost = LostObjects.Read(new LintStatement(SqlStatements.Read(sql, SqlDialect.MariaDb).Single(), new LintScript("V1__a.sql", SqlDialect.MariaDb, false, null, new LintRun()))).Single();

        var found = await shop.Open().Catalog.FindUsesAsync([lost], default);

        string.Join("; ", (found.GetValueOrDefault(lost) ?? []).OrderBy(use => use.Manner).ThenBy(use => use.ToString(), StringComparer.Ordinal).Select(use => $"{use.Manner} {use}")).ShouldBe(uses);
        var refusal = await Record.ExceptionAsync(() => shop.ExecuteAsync(sql));
        (refusal is not null).ShouldBe(uses.Contains("Refuses", StringComparison.Ordinal) || sql.Contains("nowhere", StringComparison.Ordinal), refusal?.Message);
    }

    [Fact]
    public async Task A_view_that_a_drop_breaks_is_told_and_cannot_be_read_afterwards()
    {
        await using var shop = await cluster.CreateAsync(Shop);

        var found = await new MigrationLinter(SqlDialect.MariaDb).CheckAsync([MariaDbShop.Script("1__a", "ALTER TABLE order_lines DROP FOREIGN KEY lines_order; DROP TRIGGER copied; DROP EVENT clean; DROP TABLE orders;")], shop.Open().Catalog, default);

        found.Where(finding => finding.Rule == "INC001").ShouldHaveSingleItem().Why.ShouldBe("These name it, and fail from then on when they are used: view daily, function late.");
        await shop.ExecuteAsync("ALTER TABLE order_lines DROP FOREIGN KEY lines_order; DROP TABLE orders");
        await Should.ThrowAsync<MySqlConnector.MySqlException>(shop.ScalarAsync("SELECT COUNT(*) FROM daily"));
    }
}

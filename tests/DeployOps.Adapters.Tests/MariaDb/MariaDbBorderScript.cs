namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>
/// A script that runs statement by statement, to be cut off at each border: a setting, rows, definitions of every kind that is told, a transaction of the script's own, and one that a definition ends.
/// It needs the tables orders, with a note, and steps.
/// </summary>
internal static class MariaDbBorderScript
{
    internal const string Sql = """
        SET @step = 1;
        INSERT INTO steps VALUES (@step);
        ALTER TABLE orders ADD status int;
        BEGIN;
        INSERT INTO steps VALUES (@step + 1);
        INSERT INTO steps VALUES (@step + 2);
        COMMIT;
        CREATE INDEX by_note ON orders (note);
        BEGIN;
        INSERT INTO steps VALUES (4);
        CREATE TABLE items (id int);
        RENAME TABLE items TO order_items;
        CREATE VIEW totals AS SELECT COUNT(*) AS n FROM orders;
        DROP INDEX by_note ON orders;
        INSERT INTO steps VALUES (5);
        """;

    internal const int Statements = 15;

    /// <summary>Whether every effect of it is there once, and its history says so.</summary>
    internal static async Task IsWholeAsync(MariaDbShop shop)
    {
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("1,2,3,4,5");
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
        (await shop.HasAsync("order_items"), await shop.HasAsync("items"), await shop.HasAsync("totals")).ShouldBe((true, false, true));
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME = 'by_note'")).ShouldBe("0");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM deployops_migration WHERE version = '1' AND state = 'done'")).ShouldBe("1");
    }
}

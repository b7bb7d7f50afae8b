using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlFingerprintTests(PostgreSqlCluster cluster)
{
    private const string Shop = "CREATE TABLE orders (id serial PRIMARY KEY, status text NOT NULL DEFAULT 'open', price numeric); INSERT INTO orders (price) VALUES (1), (2), (2);";

    [Theory]
    [InlineData("UPDATE orders SET price = 3 WHERE id = 1", "public.orders: 3 rows on both sides, contents differ")]
    [InlineData("UPDATE orders SET price = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id < 3", "public.orders: 3 rows on both sides, contents differ")]
    [InlineData("DELETE FROM orders WHERE id = 3", "public.orders: 3 rows expected, 2 found")]
    [InlineData("SELECT nextval('orders_id_seq')", "sequence public.orders_id_seq: 3 expected, 4 found")]
    [InlineData("CREATE TABLE more (x int)", "public.more: not expected, 0 rows found, the schema differs")]
    [InlineData("ALTER TABLE orders ALTER status SET DEFAULT 'new'", "the schema differs")]
    [InlineData("ALTER TABLE orders ADD CHECK (price > 0)", "the schema differs")]
    [InlineData("CREATE INDEX ON orders (price)", "the schema differs")]
    [InlineData("CREATE VIEW paid AS SELECT id FROM orders", "the schema differs")]
    [InlineData("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "the schema differs")]
    [InlineData("CREATE TYPE mood AS ENUM ('good')", "the schema differs")]
    [InlineData("GRANT SELECT ON orders TO PUBLIC", "the schema differs")]
    [InlineData("SELECT lo_from_bytea(0, 'x')", "large objects: not expected, 1 rows found")]
    public async Task What_differs_is_named(string change, string expected)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync(change);

        BackupComparison.Compare("shop", before, await backups.FingerprintAsync(default)).Detail.ShouldBe(expected);
    }

    [Theory]
    [InlineData("VACUUM FULL orders")]
    [InlineData("UPDATE orders SET price = price; ANALYZE")]
    [InlineData("ALTER DATABASE current_database SET DateStyle = 'German'")]
    [InlineData("CREATE TEMP TABLE scratch (x int)")]
    public async Task What_changes_nothing_changes_no_fingerprint(string change)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync(change.Replace("current_database", shop.Name, StringComparison.Ordinal));

        BackupComparison.Compare("shop", before, await backups.FingerprintAsync(default)).Detail.ShouldBe("1 tables, 3 rows are the same");
    }

    [Fact]
    public async Task Tables_are_told_by_the_columns_a_backup_had()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync("ALTER TABLE orders ADD note text DEFAULT 'none'");

        var now = await backups.FingerprintAsync(before, default);

        now.Tables.ShouldHaveSingleItem().Hash.ShouldBe(before.Tables[0].Hash);
        now.Tables[0].Columns.ShouldBe(["id", "status", "price"]);
    }
}

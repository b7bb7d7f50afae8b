using System.Security.Cryptography;
using Shop.CommandLine;

namespace Shop.Store;

/// <summary>Creates the schema of release 2.3.0 with a stock of products, customers and old orders. Run again, it adds what is missing.</summary>
internal static class SetupCommand
{
    /// <summary>Carries the command out.</summary>
    /// <returns>0.</returns>
    public static int Run(CommandArguments arguments)
    {
        var database = ShopDatabase.Of(arguments.Text("database"));
        using var connection = database.OpenForSetup();
        using var transaction = connection.BeginTransaction();
        ShopDatabase.Execute(connection, Schema(database), transaction);
        ShopDatabase.Execute(connection, Stock(database), transaction);
        using var key = ShopDatabase.Command(
            connection,
            "INSERT INTO settings (name, value) VALUES ('session_key', @key) ON CONFLICT DO NOTHING",
            ("@key", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));
        key.Transaction = transaction;
        key.ExecuteNonQuery();
        transaction.Commit();
        return 0;
    }

    private static string Schema(ShopDatabase database) =>
        $"""
        CREATE TABLE IF NOT EXISTS products (
            id {database.KeyType},
            name TEXT NOT NULL,
            price_cents {database.NumberType} NOT NULL CHECK (price_cents > 0));
        CREATE TABLE IF NOT EXISTS customers (
            id {database.KeyType},
            name TEXT NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS orders (
            id {database.KeyType},
            customer_id {database.NumberType} NOT NULL REFERENCES customers (id),
            product_id {database.NumberType} NOT NULL REFERENCES products (id),
            quantity {database.NumberType} NOT NULL CHECK (quantity > 0),
            total_cents {database.NumberType} NOT NULL,
            placed_at {database.TimeType} NOT NULL);
        CREATE TABLE IF NOT EXISTS settings (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL);
        """;

    // "WHERE true", or SQLite would read ON as the beginning of a join's condition.
    private static string Stock(ShopDatabase database) =>
        $"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
        INSERT INTO products (id, name, price_cents)
        SELECT i,
            (CASE i % 6 WHEN 0 THEN 'Green' WHEN 1 THEN 'Black' WHEN 2 THEN 'White' WHEN 3 THEN 'Herbal' WHEN 4 THEN 'Smoked' ELSE 'Spiced' END)
            || (CASE i % 4 WHEN 0 THEN ' tea' WHEN 1 THEN ' coffee' WHEN 2 THEN ' cocoa' ELSE ' syrup' END) || ' no. ' || i,
            290 + (i * 37) % 1700
        FROM n WHERE true
        ON CONFLICT DO NOTHING;

        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT INTO customers (id, name) SELECT i, 'customer-' || i FROM n WHERE true
        ON CONFLICT DO NOTHING;

        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
        INSERT INTO orders (id, customer_id, product_id, quantity, total_cents, placed_at)
        SELECT i, 1 + i % 60, p.id, 1 + i % 3, (1 + i % 3) * p.price_cents, {database.HoursInto2026("i")}
        FROM n JOIN products p ON p.id = 1 + (i * 7) % 240 WHERE true
        ON CONFLICT DO NOTHING;

        {database.NumberOn("products", "customers", "orders")}
        """;
}

using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Shop.CommandLine;

namespace Shop.Store;

/// <summary>Creates the schema of release 2.3.0 with a stock of products, customers and old orders. Run again, it adds what is missing.</summary>
internal static class SetupCommand
{
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS products (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            price_cents INTEGER NOT NULL CHECK (price_cents > 0));
        CREATE TABLE IF NOT EXISTS customers (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS orders (
            id INTEGER PRIMARY KEY,
            customer_id INTEGER NOT NULL REFERENCES customers (id),
            product_id INTEGER NOT NULL REFERENCES products (id),
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            total_cents INTEGER NOT NULL,
            placed_at TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS settings (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL);
        """;

    private const string Stock =
        """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
        INSERT OR IGNORE INTO products (id, name, price_cents)
        SELECT i,
            (CASE i % 6 WHEN 0 THEN 'Green' WHEN 1 THEN 'Black' WHEN 2 THEN 'White' WHEN 3 THEN 'Herbal' WHEN 4 THEN 'Smoked' ELSE 'Spiced' END)
            || (CASE i % 4 WHEN 0 THEN ' tea' WHEN 1 THEN ' coffee' WHEN 2 THEN ' cocoa' ELSE ' syrup' END) || ' no. ' || i,
            290 + (i * 37) % 1700
        FROM n;

        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT OR IGNORE INTO customers (id, name) SELECT i, 'customer-' || i FROM n;

        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
        INSERT OR IGNORE INTO orders (id, customer_id, product_id, quantity, total_cents, placed_at)
        SELECT i, 1 + i % 60, p.id, 1 + i % 3, (1 + i % 3) * p.price_cents, datetime('2026-01-01', '+' || i || ' hours')
        FROM n JOIN products p ON p.id = 1 + (i * 7) % 240;
        """;

    /// <summary>Carries the command out.</summary>
    /// <returns>0.</returns>
    public static int Run(CommandArguments arguments)
    {
        var path = Path.GetFullPath(arguments.Text("database"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        ShopDatabase.Execute(connection, "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;");
        using var transaction = connection.BeginTransaction();
        ShopDatabase.Execute(connection, Schema, transaction);
        ShopDatabase.Execute(connection, Stock, transaction);
        using var key = ShopDatabase.Command(
            connection,
            "INSERT OR IGNORE INTO settings (name, value) VALUES ('session_key', $key)",
            ("$key", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));
        key.Transaction = transaction;
        key.ExecuteNonQuery();
        transaction.Commit();
        return 0;
    }
}

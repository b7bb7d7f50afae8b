using System.Data.Common;
using Shop.Storefront;

namespace Shop.Store;

/// <summary>The orders: written, and since 2.4.0 with a status.</summary>
internal sealed class OrderBook(ShopDatabase database, Release release, ShopSettings settings, TimeProvider clock)
{
    /// <summary>Writes an order.</summary>
    /// <returns>The order as it now stands in the database, or null where there is no such product.</returns>
    public PlacedOrder? Place(long customer, long product, int quantity)
    {
        using var connection = database.Open();
        var columns = release.NeedsOrderStatus ? ", status" : "";
        var values = release.NeedsOrderStatus ? ", @status" : "";
        using var command = ShopDatabase.Command(
            connection,
            $"""
            INSERT INTO orders (customer_id, product_id, quantity, total_cents, placed_at{columns})
            SELECT @customer, id, @quantity, @quantity * price_cents, @now{values} FROM products WHERE id = @product
            RETURNING id, total_cents{columns}
            """,
            ("@customer", customer),
            ("@product", product),
            ("@quantity", quantity),
            ("@status", settings.NewOrderStatus ?? ""),
            ("@now", ToTheSecond(clock.GetUtcNow().UtcDateTime)));
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new PlacedOrder(reader.GetInt64(0), reader.GetInt64(1), release.NeedsOrderStatus ? reader.GetString(2) : null)
            : null;
    }

    /// <summary>Tells whether this release can work on the database as it is.</summary>
    /// <returns>What is wrong, or null where all is well.</returns>
    public string? FindFault()
    {
        try
        {
            using var connection = database.Open();
            using var command = ShopDatabase.Command(connection, "SELECT * FROM orders LIMIT 1");
            using var order = command.ExecuteReader();
            return release.NeedsOrderStatus && !Enumerable.Range(0, order.FieldCount).Select(order.GetName).Contains("status")
                ? $"release {release.Version} needs the column orders.status, which this database lacks: apply migration 2.4.0.1."
                : null;
        }
        catch (DbException exception)
        {
            return $"the database does not answer: {exception.Message}";
        }
    }

    private static DateTime ToTheSecond(DateTime time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}

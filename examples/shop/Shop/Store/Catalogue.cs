namespace Shop.Store;

/// <summary>The products, as customers find them.</summary>
internal sealed class Catalogue(ShopDatabase database)
{
    /// <summary>A page shows no more than this.</summary>
    private const int PageSize = 20;

    /// <summary>Finds products whose name holds the words; every product for no words. At most a page of them.</summary>
    public IReadOnlyList<Product> Search(string words)
    {
        using var connection = database.Open();
        using var command = ShopDatabase.Command(
            connection,
            $"SELECT id, name, price_cents FROM products WHERE {database.PositionFunction}(lower(name), lower(@words)) > 0 ORDER BY id LIMIT @size",
            ("@words", words),
            ("@size", PageSize));
        using var reader = command.ExecuteReader();
        var found = new List<Product>();
        while (reader.Read())
        {
            found.Add(new Product(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return found;
    }
}

using System.Globalization;
using System.Text.Json;

namespace Shop.Storefront;

/// <summary>What a customer wants to buy.</summary>
/// <param name="Product">The product's number.</param>
/// <param name="Quantity">How many, 1 to 99.</param>
internal sealed record CheckoutRequest(long Product, int Quantity)
{
    /// <summary>Reads it from a form or from JSON.</summary>
    /// <returns>The request, or null where the body does not say a product and a quantity that can be ordered.</returns>
    public static async Task<CheckoutRequest?> ReadAsync(HttpRequest request)
    {
        var wanted = request.HasFormContentType
            ? ReadForm(await request.ReadFormAsync(request.HttpContext.RequestAborted))
            : await ReadJsonAsync(request);
        return wanted is { Quantity: >= 1 and <= 99 } ? wanted : null;
    }

    private static CheckoutRequest? ReadForm(IFormCollection form) =>
        long.TryParse(form["product"], NumberStyles.None, CultureInfo.InvariantCulture, out var product)
        && int.TryParse(form["quantity"], NumberStyles.None, CultureInfo.InvariantCulture, out var quantity)
            ? new CheckoutRequest(product, quantity)
            : null;

    private static async Task<CheckoutRequest?> ReadJsonAsync(HttpRequest request)
    {
        try
        {
            return request.HasJsonContentType()
                ? await request.ReadFromJsonAsync<CheckoutRequest>(request.HttpContext.RequestAborted)
                : null;
        }
        catch (JsonException)
        {
            // What cannot be read cannot be ordered: the caller answers 400.
            return null;
        }
    }
}

using System.Globalization;
using System.Net;
using System.Text;
using Shop.Store;

namespace Shop.Storefront;

/// <summary>The shop's one HTML page.</summary>
internal static class StorePage
{
    /// <summary>Renders the page.</summary>
    /// <param name="release">Shown in the footer.</param>
    /// <param name="name">What the shop is called.</param>
    /// <param name="words">What was searched for.</param>
    /// <param name="products">What was found.</param>
    /// <param name="customer">Who is logged in, if anybody.</param>
    public static string Render(Release release, string name, string words, IReadOnlyList<Product> products, long? customer)
    {
        var rows = new StringBuilder();
        foreach (var product in products)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<li>{WebUtility.HtmlEncode(product.Name)} <b>{Price(product.PriceCents)}</b>{OrderForm(product, customer)}</li>\n");
        }

        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{WebUtility.HtmlEncode(name)}</title><link rel="icon" href="data:,"></head>
            <body>
            <h1>{WebUtility.HtmlEncode(name)}</h1>
            <form action="/search"><input id="q" name="q" type="search" aria-label="Search" value="{WebUtility.HtmlEncode(words)}"><button>Search</button></form>
            {LoginForm(customer)}
            <p id="count">{products.Count} products</p>
            <ul>
            {rows}</ul>
            <footer>Release {release.ServedVersion}</footer>
            <script>document.getElementById("q").focus();</script>
            </body>
            </html>

            """;
    }

    /// <summary>Renders the answer to an order that came from the page.</summary>
    public static string RenderThanks(PlacedOrder order) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Thank you</title><link rel="icon" href="data:,"></head>
        <body><h1>Thank you</h1><p>Order {order.Id} over {Price(order.TotalCents)} is placed.</p><a href="/">Back to the shop</a></body>
        </html>

        """;

    private static string LoginForm(long? customer) => customer is { } number
        ? $"<p id=\"customer\">You are customer {number}.</p>"
        : "<form action=\"/login\" method=\"post\"><input name=\"name\" aria-label=\"Name\"><button>Log in</button></form>";

    private static string OrderForm(Product product, long? customer) => customer is null
        ? ""
        : $"<form action=\"/checkout\" method=\"post\"><input type=\"hidden\" name=\"product\" value=\"{product.Id}\"><input type=\"hidden\" name=\"quantity\" value=\"1\"><button>Buy</button></form>";

    private static string Price(long cents) => string.Create(CultureInfo.InvariantCulture, $"{cents / 100}.{cents % 100:00}");
}

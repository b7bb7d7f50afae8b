using Shop.Store;

namespace Shop.Storefront;

/// <summary>What customers do: look, search, log in, order.</summary>
internal sealed partial class StoreEndpoints(Release release, ShopSettings settings, Catalogue catalogue, Customers customers, OrderBook orders, Action orderPlaced, ILogger logger)
{
    private const string CookieName = "shop_session";
    private const string Html = "text/html; charset=utf-8";

    private static readonly TimeSpan RecommendationsTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>Adds the pages to the shop.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/", (HttpContext context) => Page(context, ""));
        app.MapGet("/search", (HttpContext context) => Page(context, context.Request.Query["q"].ToString()));
        app.MapPost("/login", (Delegate)LoginAsync);
        app.MapPost("/checkout", (Delegate)CheckoutAsync);
    }

    private IResult Page(HttpContext context, string words) =>
        Results.Content(StorePage.Render(release, settings.Name, words, catalogue.Search(words), Customer(context)), Html);

    private async Task<IResult> LoginAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return Results.Text("Expected a form with a name.\n", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (customers.Find(form["name"].ToString()) is not { } customer)
        {
            return Results.Text("There is no such customer.\n", statusCode: StatusCodes.Status401Unauthorized);
        }

        // What the shop has always complained about: no release is to blame for it.
        LogRecommendations(logger, customer, RecommendationsTimeout.TotalMilliseconds);
        context.Response.Cookies.Append(CookieName, customers.IssueCookie(customer), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });
        context.Response.Headers.Location = "/";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private async Task<IResult> CheckoutAsync(HttpContext context)
    {
        if (Customer(context) is not { } customer)
        {
            return Results.Text("Log in first.\n", statusCode: StatusCodes.Status401Unauthorized);
        }

        if (await CheckoutRequest.ReadAsync(context.Request) is not { } wanted)
        {
            return Results.Text("Expected a product and a quantity from 1 to 99.\n", statusCode: StatusCodes.Status400BadRequest);
        }

        if (orders.Place(customer, wanted.Product, wanted.Quantity) is not { } order)
        {
            return Results.Text("There is no such product.\n", statusCode: StatusCodes.Status404NotFound);
        }

        orderPlaced();
        return context.Request.HasFormContentType
            ? Results.Content(StorePage.RenderThanks(order), Html)
            : Results.Json(order, statusCode: StatusCodes.Status201Created);
    }

    [LoggerMessage(LogLevel.Error, "Recommendations for customer {Customer} did not answer within {Milliseconds} ms.")]
    private static partial void LogRecommendations(ILogger logger, long customer, double milliseconds);

    private long? Customer(HttpContext context) => customers.ReadCookie(context.Request.Cookies[CookieName]);
}

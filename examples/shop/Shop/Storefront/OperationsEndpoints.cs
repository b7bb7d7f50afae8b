using System.Text;
using Shop.Metrics;
using Shop.Store;

namespace Shop.Storefront;

/// <summary>What operations ask: is it well, which version is it, what did it count.</summary>
internal sealed class OperationsEndpoints(Release release, string instance, OrderBook orders, RequestMetrics requests, LabelledCounter placed, WarmUp warmUp)
{
    /// <summary>Adds <c>/healthz</c>, <c>/version</c> and <c>/metrics</c> to the shop.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => (warmUp.IsDone ? orders.FindFault() : "warming up.") is { } fault
            ? Results.Text($"unhealthy: {fault}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("healthy\n"));
        app.MapGet("/version", () => Results.Json(new { version = release.ServedVersion.ToString(), instance }));
        app.MapGet("/metrics", () =>
        {
            var text = new StringBuilder();
            requests.Write(text);
            placed.Write(text);
            return Results.Text(text.ToString(), RequestMetrics.MediaType);
        });
    }
}

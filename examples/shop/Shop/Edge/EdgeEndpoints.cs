using System.Text;
using Shop.Metrics;

namespace Shop.Edge;

/// <summary>What the edge answers itself.</summary>
internal sealed class EdgeEndpoints(RoutingTable routing, RequestMetrics requests)
{
    /// <summary>Adds <c>/_edge/state</c> and <c>/_edge/metrics</c> to the edge.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/_edge/state", () => Results.Json(State()));
        app.MapGet("/_edge/metrics", () =>
        {
            var text = new StringBuilder();
            requests.Write(text);
            return Results.Text(text.ToString(), RequestMetrics.MediaType);
        });
    }

    private object State()
    {
        // The revision first: counts that are read after it belong to it.
        var (revision, current) = routing.Read();
        var clusters = current.Clusters.ToDictionary(
            cluster => cluster.Key,
            cluster => cluster.Value.ToDictionary(
                destination => destination.Name,
                destination => new { address = destination.Address, weight = destination.Weight, inFlight = destination.State.ConcurrentRequestCount },
                StringComparer.Ordinal),
            StringComparer.Ordinal);
        return new { revision, clusters };
    }
}

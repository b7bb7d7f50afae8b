using System.Text.Json;
using DeployOps.Rollouts;

namespace DeployOps.Adapters.Yarp;

/// <summary>
/// Reads what an edge answers about itself:
/// <c>{"revision":"…","clusters":{"shop":{"blue-1":{"address":"…","weight":100,"inFlight":0}}}}</c>.
/// </summary>
internal static class EdgeState
{
    /// <summary>The state of one cluster.</summary>
    /// <exception cref="DeployOpsException"><c>RouterStateInvalid</c>.</exception>
    public static RouterState Read(ReadOnlyMemory<byte> body, string cluster, string address)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var revision = json.RootElement.GetProperty("revision").GetString() ?? throw new JsonException("revision is null");
            var destinations = json.RootElement.GetProperty("clusters").GetProperty(cluster).EnumerateObject()
                .ToDictionary(destination => destination.Name, destination => Destination(destination.Value));
            return new RouterState(revision, destinations);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new DeployOpsException(
                "RouterStateInvalid",
                FaultKind.InvalidData,
                $"{address} does not tell the revision, weights and requests in flight of the cluster '{cluster}': {e.Message}",
                "Check Rollout.Router: Uri must be the edge and Cluster one of its clusters. An edge of your own has to answer /_edge/state as examples/shop/Shop/Edge does: Get-Help about_DeployOps_Plan, THE ROUTER.",
                e);
        }
    }

    private static RouterDestination Destination(JsonElement json) => new(
        new Uri(json.GetProperty("address").GetString() ?? throw new JsonException("address is null"), UriKind.Absolute),
        json.GetProperty("weight").GetInt32(),
        json.GetProperty("inFlight").GetInt32());
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Edge;

/// <summary>The edge's configuration file: YARP's own routes and clusters, and a revision that tells one state of the file from the next.</summary>
internal sealed record EdgeConfiguration
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Names this state of the configuration; never empty.</summary>
    public required string Revision { get; init; }

    /// <summary>YARP's routes by their id.</summary>
    public required Dictionary<string, RouteConfig> Routes { get; init; }

    /// <summary>YARP's clusters by their id.</summary>
    public required Dictionary<string, ClusterConfig> Clusters { get; init; }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="JsonException">It is no JSON, has an unknown key, lacks one, or gives a destination a weight that is no number.</exception>
    public static EdgeConfiguration Parse(string text)
    {
        var configuration = JsonSerializer.Deserialize<EdgeConfiguration>(text, Format) ?? throw new JsonException("The file says null.");
        if (configuration.Revision is not { Length: > 0 })
        {
            throw new JsonException("Revision is empty.");
        }

        foreach (var cluster in configuration.Clusters.Values)
        {
            foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            {
                DestinationWeight.Read(name, destination);
            }
        }

        return configuration;
    }

    /// <summary>The routes as YARP takes them, each with its id.</summary>
    public IReadOnlyList<RouteConfig> ListRoutes() => [.. Routes.Select(route => route.Value with { RouteId = route.Key })];

    /// <summary>The clusters as YARP takes them, each with its id.</summary>
    public IReadOnlyList<ClusterConfig> ListClusters() => [.. Clusters.Select(cluster => cluster.Value with { ClusterId = cluster.Key })];
}

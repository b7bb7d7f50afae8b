using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Edge;

/// <summary>One state of the configuration as YARP takes it.</summary>
internal sealed class EdgeProxyConfig(EdgeConfiguration configuration, CancellationToken replaced) : IProxyConfig
{
    /// <inheritdoc/>
    public string RevisionId => configuration.Revision;

    /// <inheritdoc/>
    public IReadOnlyList<RouteConfig> Routes { get; } = configuration.ListRoutes();

    /// <inheritdoc/>
    public IReadOnlyList<ClusterConfig> Clusters { get; } = configuration.ListClusters();

    /// <inheritdoc/>
    public IChangeToken ChangeToken { get; } = new CancellationChangeToken(replaced);
}
